#include "fuzz_frame.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "base/endian.hpp"
#include "gram/assembling/assembler.hpp"
#include "gram/verifier.hpp"
#include "kernels/execute.hpp"

namespace pfs::test {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr uint64_t kBlobBytes = 2 << 20;

/// The bytes that grams denote, of exactly the blob's size: a sanitizer sees an access beside them. Kernels write to
/// the whole of it, whatever the stream.
uint8_t* blob_bytes() {
  static std::vector<uint8_t> bytes(kBlobBytes, 0x5A);
  return bytes.data();
}

/// Does to a gram what the consumers do: looks at every range, verifies the gram and executes its kernel.
class Checker final : public AssemblerSink {
 public:
  explicit Checker(const BlobView& blob) : blob_(blob), verifier_(blob) {}

  void on_gram(Gram& gram) noexcept override {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < gram.table.count; ++i) {
      const Descriptor& range = gram.table.data[i];
      require(range.length > 0);
      require(inside(range.offset, range.length, range.in_blob() ? kBlobBytes : gram.slab_bytes));
      bytes += range.length;
    }
    require(bytes == gram.bytes);
    if (bytes <= kMostWork) consume(gram);
    gram.release();
  }
  bool serve() noexcept override { return false; }  // grams are released at once
  void on_released(void* /*owner*/) noexcept override { ++released; }
  void on_result(uint16_t /*stream*/, const ResultUnit& unit) noexcept override { touch(unit.bytes); }
  void on_ack(uint16_t /*stream*/, const AckUnit& /*unit*/) noexcept override {}
  void on_receipt(uint16_t /*stream*/, const ReceiptUnit& unit) noexcept override { touch(unit.sha256); }

  uint64_t released = 0;

 private:
  static constexpr uint64_t kMostWork = 4096;  // bytes of a gram; more takes time and shows no more

  void consume(Gram& gram) noexcept {
    std::array<Gram*, 1> grams = {&gram};
    std::array<bool, 1> holds = {};
    verifier_.judge(grams, holds);
    std::array<uint8_t, kOutputMax> room{};
    KernelOutput output{.bytes = room.data()};
    const Grant everything = {.stream = gram.stream, .offset = 0, .length = kBlobBytes};
    const KernelInput input = {.blob = blob_,
                               .slab = gram.slab,
                               .table = {gram.table.data, gram.table.count},
                               .bytes = gram.bytes,
                               .arg = gram.head.arg};
    if (execute(gram.head.op, input, {&everything, 1}, gram.stream, programs_, output) == Status::kDone)
      touch({room.data(), output.length});
  }

  void touch(std::span<const uint8_t> bytes) noexcept {
    for (const uint8_t byte : bytes) sum_ = sum_ + byte;
  }

  BlobView blob_;
  Verifier verifier_;
  Programs programs_{{}};
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
  const BlobView blob{.data = blob_bytes(), .layout = {.size = kBlobBytes}};
  Checker checker(blob);
  Assembler assembler(config, blob, pool, checker);

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
