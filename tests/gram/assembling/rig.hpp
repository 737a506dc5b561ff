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
  uint16_t peer = 0;
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
                     .peer = gram.peer,
                     .bare = gram.bare,
                     .op = gram.head.op,
                     .arg = gram.head.arg,
                     .frames = gram.frames,
                     .bytes = gram.bytes,
                     .table = {gram.table.data, gram.table.data + gram.table.count},
                     .slab = {gram.slab, gram.slab + gram.slab_bytes},
                     .file = gram.has_file ? std::string(gram.file.name) : std::string()});
    reply = gram.reply;
    if (keeps) return kept.push_back(&gram);
    gram.release();
  }
  /// Works off one of the grams kept.
  bool serve() noexcept override {
    ++served;
    if (over) return false;
    if (!kept.empty()) {
      kept.front()->release();
      kept.pop_front();
    }
    return true;
  }
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
  bool keeps = false;  ///< grams are not released at once
  bool over = false;   ///< the run is over: nobody brings a gram back
  std::deque<Gram*> kept;
  uint32_t served = 0;
};

constexpr uint64_t kBlobBytes = 2 << 20;  // blocks 0 to 16,383
constexpr uint64_t kL3 = 1 << 20;

inline Descriptor blocks(uint64_t index, uint64_t count = 1) { return blob_range(kL3 + index * 64, count * 64); }

/// Who sends a frame: the port by which it comes and the headers in front of it.
struct Sender {
  Bytes headers;
  uint16_t port = 7;
};

inline Bytes mac_pair(uint8_t source) { return {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, source}; }
inline Sender ethernet_sender(uint8_t mac, uint16_t port = 7) {
  Bytes headers = mac_pair(mac);
  headers.insert(headers.end(), {0x13, 0x37});
  return {headers, port};
}
inline Sender vlan_sender(uint8_t mac, uint8_t vlan) {
  Bytes headers = mac_pair(mac);
  headers.insert(headers.end(), {0x81, 0x00, 0xE0, vlan, 0x13, 0x37});  // the highest priority
  return {headers};
}
/// A router's address, and the source 10.0.0.`host` behind it. The datagram's length and identification change from
/// frame to frame.
inline Sender udp_sender(uint8_t mac, uint8_t host, uint8_t identification = 0) {
  Bytes headers = mac_pair(mac);
  headers.insert(headers.end(), {0x08, 0x00});
  headers.insert(headers.end(), {0x45, 0, 0, 100, 0, identification, 0, 0, 64, 17, 0, 0, 10, 0, 0, host, 10, 0, 0, 99});
  headers.insert(headers.end(), {0x30, 0x39, 0x13, 0x37, 0, 80, 0, 0});
  return {headers};
}

struct RigConfig {
  AssemblerConfig assembler{
      .hold_frames = 8, .hold_ticks = 100, .gram_ticks = 1000, .open_grams = 4, .max_streams = 8, .max_peers = 4};
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

  bool take(const Bytes& payload, uint64_t now = 0) { return take(sender_, payload, now); }
  bool take(const Sender& from, const Bytes& payload, uint64_t now = 0) {
    // Copies of exactly their size on the heap: a read behind one is the sanitizer's to see.
    frames_.push_back(std::make_unique<Bytes>(payload));
    Bytes& copy = *frames_.back();
    copy.shrink_to_fit();
    frames_.push_back(std::make_unique<Bytes>(from.headers));
    sink.held.insert(&copy);
    const bool done = assembler.take({.payload = copy.data(),
                                      .bytes = static_cast<uint32_t>(copy.size()),
                                      .headers = *frames_.back(),
                                      .port = from.port,
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

 private:
  PoolRoom room_;
  Sender sender_ = ethernet_sender(2);
  std::vector<std::unique_ptr<Bytes>> frames_;

 public:
  GramPool& pool = room_.pool;
  Recorder sink;
  Assembler assembler;
};

}  // namespace pfs::test
