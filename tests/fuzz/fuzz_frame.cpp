#include "fuzz_frame.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "base/endian.hpp"
#include "gram/assembling/assembler.hpp"

namespace pfs::test {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr uint64_t kBlobBytes = 2 << 20;

/// Reads all that a consumer would, so that a sanitizer sees a range that lies nowhere.
class Checker final : public AssemblerSink {
 public:
  void on_gram(Gram& gram) noexcept override {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < gram.table.count; ++i) {
      const Descriptor& range = gram.table.data[i];
      require(range.length > 0);
      require(inside(range.offset, range.length, range.in_blob() ? kBlobBytes : gram.slab_bytes));
      bytes += range.length;
    }
    require(bytes == gram.bytes);
    gram.release();
  }
  bool serve() noexcept override { return false; }  // grams are released at once
  void on_released(void* /*owner*/) noexcept override { ++released; }
  void on_result(uint16_t /*stream*/, const ResultUnit& unit) noexcept override { touch(unit.bytes); }
  void on_ack(uint16_t /*stream*/, const AckUnit& /*unit*/) noexcept override {}
  void on_receipt(uint16_t /*stream*/, const ReceiptUnit& unit) noexcept override { touch(unit.sha256); }

  uint64_t released = 0;

 private:
  void touch(std::span<const uint8_t> bytes) noexcept {
    for (const uint8_t byte : bytes) sum_ = sum_ + byte;
  }
  volatile uint8_t sum_ = 0;
};

void require_ledger(const Assembler& assembler) {
  const AssemblerCounters& counters = assembler.counters();
  uint64_t out = counters.frames_out.get() + counters.control_frames.get() + assembler.frames_in_flight();
  for (const Counter& dropped : counters.dropped) out += dropped.get();
  require(counters.frames_in.get() == out);
}

}  // namespace

int fuzz_frame(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const uint8_t shape = data[0];
  AssemblerConfig config{.hold_frames = 1u << (shape & 3),
                         .hold_ticks = 50,
                         .gram_ticks = 200,
                         .open_grams = 1u + (shape >> 2 & 3),
                         .max_streams = 2};
  if ((shape & 16) != 0) config.bare = {{.port = 7, .crc = (shape & 32) != 0}};
  const GramPool::Config pool_config{.grams = 3, .descriptors = (shape & 64) != 0 ? 8u : 1024u, .slab_bytes = 256};
  const size_t bytes = GramPool::memory_bytes(pool_config);
  const std::unique_ptr<uint8_t, decltype(&std::free)> memory(static_cast<uint8_t*>(std::aligned_alloc(64, bytes)),
                                                              std::free);
  GramPool pool(pool_config, {memory.get(), bytes});
  Checker checker;
  Assembler assembler(config, BlobView{.layout = {.size = kBlobBytes}}, pool, checker);

  std::vector<std::unique_ptr<uint8_t[]>> frames;  // each of exactly its size, so that a read behind it is seen
  uint64_t now = 0, held = 0;
  for (const uint8_t *at = data + 1, *end = data + size; end - at >= 2;) {
    const auto head = load_be<uint16_t>(at);
    at += 2;
    const auto length = static_cast<uint32_t>(std::min<ptrdiff_t>(head & 0x7FFF, end - at));
    if ((head & 0x8000) != 0) assembler.age(now += 40);
    frames.push_back(std::make_unique<uint8_t[]>(length));
    std::copy_n(at, length, frames.back().get());
    at += length;
    held +=
        assembler.take({.payload = frames.back().get(), .bytes = length, .owner = frames.back().get()}, now) ? 0 : 1;
    require_ledger(assembler);
  }
  assembler.flush();
  require_ledger(assembler);
  require(assembler.frames_in_flight() == 0 && checker.released == held);
  return static_cast<int>(frames.size());
}

}  // namespace pfs::test
