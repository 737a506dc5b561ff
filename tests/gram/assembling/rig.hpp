#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <vector>

#include "gram/assembling/assembler.hpp"
#include "wire_maker.hpp"

namespace pfs::test {

/// A copy of a gram that the assembler gave.
struct Given {
  uint32_t number = 0;
  uint16_t stream = 0;
  bool bare = false;
  uint8_t op = 0;
  uint64_t arg = 0;
  uint32_t frames = 0;
  uint64_t bytes = 0;
  std::vector<Descriptor> table;
  Bytes slab;
  std::string file;
  bool operator==(const Given&) const = default;
};

class Recorder final : public AssemblerSink {
 public:
  void on_gram(Gram& gram) noexcept override {
    given.push_back({.number = gram.number,
                     .stream = gram.stream,
                     .bare = gram.bare,
                     .op = gram.head.op,
                     .arg = gram.head.arg,
                     .frames = gram.frames,
                     .bytes = gram.bytes,
                     .table = {gram.table.data, gram.table.data + gram.table.count},
                     .slab = {gram.slab, gram.slab + gram.slab_bytes},
                     .file = gram.has_file ? std::string(gram.file.name) : std::string()});
    reply = gram.reply;
    gram.release();
  }
  bool serve() noexcept override { return !over; }
  void on_released(void* owner) noexcept override { EXPECT_EQ(held.erase(owner), 1u) << "released but not held"; }
  void on_result(uint16_t /*stream*/, const ResultUnit& unit) noexcept override { results.push_back(unit.value); }
  void on_ack(uint16_t /*stream*/, const AckUnit& unit) noexcept override { acks.push_back(unit.next); }
  void on_receipt(uint16_t /*stream*/, const ReceiptUnit& unit) noexcept override { receipts.push_back(unit.size); }

  std::vector<Given> given;
  std::vector<uint64_t> results;
  std::vector<uint32_t> acks;
  std::vector<uint64_t> receipts;
  std::set<void*> held;
  ReplyPath reply;
  bool over = false;  ///< the run is over: nobody brings a gram back
};

constexpr uint64_t kBlobBytes = 2 << 20;  // blocks 0 to 16,383
constexpr uint64_t kL3 = 1 << 20;

inline Descriptor blocks(uint64_t index, uint64_t count = 1) { return blob_range(kL3 + index * 64, count * 64); }

struct RigConfig {
  AssemblerConfig assembler{.hold_frames = 8, .hold_ticks = 100, .gram_ticks = 1000, .open_grams = 4};
  GramPool::Config pool{.grams = 16, .descriptors = 4096, .slab_bytes = 4096};
};

/// A pool and its memory.
struct PoolRoom {
  explicit PoolRoom(const GramPool::Config& config)
      : bytes(GramPool::memory_bytes(config) + 64), pool(config, aligned()) {}
  std::span<uint8_t> aligned() {
    const size_t skip = (64 - reinterpret_cast<uintptr_t>(bytes.data()) % 64) % 64;
    return std::span(bytes).subspan(skip);
  }

  Bytes bytes;
  GramPool pool;
};

/// An assembler with everything around it. Checks the ledger and the held frames after every call.
class Rig {
 public:
  explicit Rig(const RigConfig& config = {})
      : room_(config.pool),
        assembler(config.assembler, BlobView{.layout = {.size = kBlobBytes}, .id = kBlobId}, room_.pool, sink) {}

  bool take(const Bytes& payload, uint64_t now = 0) {
    // A copy of exactly its size on the heap: a read behind it is the sanitizer's to see.
    frames_.push_back(std::make_unique<Bytes>(payload));
    Bytes& copy = *frames_.back();
    copy.shrink_to_fit();
    sink.held.insert(&copy);
    const bool done = assembler.take({.payload = copy.data(),
                                      .bytes = static_cast<uint32_t>(copy.size()),
                                      .headers = kHeaders,
                                      .port = 7,
                                      .owner = &copy},
                                     now);
    if (done) sink.held.erase(&copy);
    check();
    if (sink.held.empty()) frames_.clear();
    return done;
  }
  void age(uint64_t now) {
    assembler.age(now);
    check();
  }
  void flush() {
    assembler.flush();
    check();
    EXPECT_EQ(assembler.frames_in_flight(), 0u);
    EXPECT_TRUE(sink.held.empty());
  }

  [[nodiscard]] uint64_t dropped(Drop why) const {
    return assembler.counters().dropped[static_cast<size_t>(why)].get();
  }
  [[nodiscard]] uint64_t all_dropped() const {
    uint64_t sum = 0;
    for (const Counter& counter : assembler.counters().dropped) sum += counter.get();
    return sum;
  }
  [[nodiscard]] uint32_t next(uint16_t stream = 0) const {
    for (uint32_t place = 0; place < assembler.places(); ++place) {
      const StreamProgress progress = assembler.progress(place);
      if (progress.admission > 0 && progress.stream == stream) return progress.next;
    }
    ADD_FAILURE() << "stream " << stream << " is not known";
    return 0xDEADBEEF;
  }
  [[nodiscard]] std::vector<uint32_t> numbers() const {
    std::vector<uint32_t> out;
    for (const Given& gram : sink.given) out.push_back(gram.number);
    return out;
  }
  [[nodiscard]] const AssemblerCounters& counters() const { return assembler.counters(); }

  void check() const {
    const AssemblerCounters& counters = assembler.counters();
    ASSERT_EQ(counters.frames_in.get(),
              counters.frames_out.get() + counters.control_frames.get() + all_dropped() + assembler.frames_in_flight())
        << "the ledger does not close";
    ASSERT_LE(sink.held.size(), assembler.frames_in_flight());
  }

  static constexpr uint8_t kHeaders[14] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x13, 0x37};

 private:
  PoolRoom room_;
  std::vector<std::unique_ptr<Bytes>> frames_;

 public:
  GramPool& pool = room_.pool;
  Recorder sink;
  Assembler assembler;
};

}  // namespace pfs::test
