#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <optional>

#include "config/reader.hpp"
#include "gram/assembling/assembler.hpp"
#include "stages/backlog.hpp"
#include "stages/output.hpp"
#include "stages/relief.hpp"
#include "stages/reply.hpp"
#include "stages/stage.hpp"

namespace pfs {
namespace {

constexpr uint64_t kAgePerSecond = 1000;    // looks at timers a second
constexpr uint64_t kGramMs = 1000;          // an open gram that grows no more is given up
constexpr uint64_t kSessionGramMs = 15000;  // behind a session: longer than a silent peer's session is kept
constexpr uint32_t kReadyMax = 32;          // grams that go on together at most
constexpr uint32_t kReadyShare = 4;         // of the pool's grams, of which they keep no more than one in so many
constexpr uint32_t kHeldMax = 1 << 20;      // frames of all streams; 80 MiB of places for them
constexpr uint32_t kLeastSpare = 8;         // one mbuf in so many may be held, however few the rings leave
constexpr uint64_t kStreamsMax = 1 << 18;   // of all peers; 120 MiB of places for them

/// Time as the lcore lived it: a stretch in which it did not run (another process had the CPU) counts as one step, so
/// that frames which wait in the device meanwhile are not taken for lost.
class LivedTime {
 public:
  explicit LivedTime(uint64_t longest_step) : longest_step_(longest_step) {}
  uint64_t advance(uint64_t now) noexcept {
    lived_ += std::min(now - last_, longest_step_);
    last_ = now;
    return lived_;
  }

 private:
  uint64_t longest_step_;
  uint64_t last_ = 0;
  uint64_t lived_ = 0;
};

struct AssemblePlan final : StagePlan {
  AssemblerConfig assembler;
  GramPool::Config pool;
  uint64_t hold_us = 0;
  std::optional<uint64_t> gram_ms;
  uint64_t peer_idle_ms = 0;
  [[nodiscard]] Result<void> check(const StageEnv& env) const override {
    if (auto there = need_blob(env); !there) return there;
    const uint64_t streams = env.streams.empty() ? assembler.max_streams : env.streams.size();
    if (streams * assembler.max_peers > kStreamsMax)
      return fail(env.where,
                  fmt::format("{} streams of each of {} peers are more than {} together", streams, assembler.max_peers,
                              kStreamsMax),
                  "lower `max_streams` or `max_peers`");
    return {};
  }
  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override;
};

struct FreeHugepages {
  void operator()(void* memory) const noexcept { rte_free(memory); }
};
using HugeMemory = std::unique_ptr<void, FreeHugepages>;

/// Puts frames together into grams; the work is lib/gram's Assembler.
/// Takes: frames from rx. Gives: whole grams. Owns: held frames, open grams and the pool that all its grams come from.
/// Drops: WIRE.md section 5 and the bounds of wire/drop.hpp. Thread: its lcore; grams come back to its pool from any.
class Assemble final : public Stage, private AssemblerSink {
 public:
  Assemble(const StageEnv& env, const AssemblePlan& plan, HugeMemory memory, size_t bytes)
      : memory_(std::move(memory)),
        pool_(plan.pool, {static_cast<uint8_t*>(memory_.get()), bytes}),
        assembler_(plan.assembler, env.blob, pool_, *this),
        backlog_(*env.backlog),
        relief_(*env.relief),
        place_(env.place),
        ready_max_(std::clamp(plan.pool.grams / kReadyShare, 1U, kReadyMax)),
        age_ticks_(env.ticks_per_second / kAgePerSecond),
        time_(age_ticks_) {
    backlog_.places.fetch_add(pool_.size());
  }

  void take(void** items, uint32_t count) noexcept override {
    auto** frames = reinterpret_cast<rte_mbuf**>(items);
    const uint64_t lived = time_.advance(rte_rdtsc());
    uint32_t done = 0;
    for (uint32_t i = 0; i < count; ++i) {
      rte_mbuf& frame = *frames[i];
      const ReceivedFrame received = {.payload = rte_pktmbuf_mtod(&frame, const uint8_t*),
                                      .bytes = frame.data_len,
                                      .headers = headers_of(frame),
                                      .port = frame.port,
                                      .owner = &frame};
      if (assembler_.take(received, lived)) frames[done++] = &frame;  // others are held, or already released
    }
    rte_pktmbuf_free_bulk(frames, done);
    hand_on();
    book();
  }

  uint32_t poll(uint64_t now) noexcept override {
    const uint64_t lived = time_.advance(now);
    if (lived - aged_ < age_ticks_) return 0;
    aged_ = lived;
    assembler_.age(lived);
    tell_backlog();
    hand_on();
    book();
    return 0;
  }

  bool drain(uint64_t /*now*/) noexcept override {
    assembler_.flush();
    hand_on();
    book();
    return true;
  }

  [[nodiscard]] uint64_t frames_in_flight() const noexcept override { return in_flight_.get(); }

  [[nodiscard]] StageFigures figures() const override {
    const AssemblerCounters& c = assembler_.counters();
    using enum Figure::Unit;
    return {{"grams", kGrams, c.grams_out},
            {"references", kReferences, c.references},
            {"control_frames", kFrames, c.control_frames},
            {"windows_verified", kWindows, c.windows_verified},
            {"windows_broken", kWindows, c.windows_broken},
            {"frames_missing", kFrames, c.frames_missing},
            {"grams_incomplete", kGrams, c.grams_incomplete},
            {"peers", kPeers, Figure::Kind::kGauge, [&c] { return c.peers.get(); }},
            {"results_done", kGrams, results_done_},
            {"results_refused", kGrams, results_refused_}};
  }

 private:
  /// Grams go back to the pool from any lcore, so what is not yet released is found by looking.
  void tell_backlog() noexcept {
    uint64_t bytes = 0;
    uint32_t grams = 0;
    for (const Gram& gram : pool_.grams()) {
      if (!gram.busy.load(std::memory_order_relaxed)) continue;
      bytes += gram.bytes;
      ++grams;
    }
    backlog_.bytes.fetch_add(bytes - told_bytes_, std::memory_order_relaxed);
    backlog_.grams.fetch_add(grams - told_grams_, std::memory_order_relaxed);
    told_bytes_ = bytes;
    told_grams_ = grams;
  }

  void on_gram(Gram& gram) noexcept override {
    ready_[ready_count_++] = &gram;
    if (ready_count_ == ready_max_) hand_on();
  }

  bool serve() noexcept override {
    hand_on();
    return relief_.relieve(place_);
  }

  /// Small grams of a burst go on together: what verifies them does several at once.
  void hand_on() noexcept {
    for (uint32_t start = 0; start < ready_count_;) {
      const uint16_t stream = ready_[start]->stream;
      uint32_t end = start + 1;
      while (end < ready_count_ && ready_[end]->stream == stream) ++end;
      send(stream, start, end);
      start = end;
    }
    ready_count_ = 0;
  }

  void send(uint16_t stream, uint32_t start, uint32_t end) noexcept {
    std::array<void*, kReadyMax> items;
    std::copy(ready_.begin() + start, ready_.begin() + end, items.begin());
    const uint32_t sent = grams_out->send(stream, items.data(), end - start);
    for (uint32_t i = start + sent; i < end; ++i) {
      stats.drop(Drop::kQueueFull, ready_[i]->frames);
      ready_[i]->release();
    }
  }

  void on_released(void* owner) noexcept override { rte_pktmbuf_free(static_cast<rte_mbuf*>(owner)); }

  void on_result(uint16_t, const ResultUnit& result) noexcept override {
    (result.status == 0 ? results_done_ : results_refused_).add(1);
  }
  void on_ack(uint16_t, const AckUnit&) noexcept override {}
  void on_receipt(uint16_t, const ReceiptUnit&) noexcept override {}

  /// Carries the assembler's counters over into the stage's.
  void book() noexcept {
    const AssemblerCounters& c = assembler_.counters();
    // The stage drops frames of its own, too: those of grams that no edge took.
    for (size_t reason = 1; reason < kDropCount; ++reason) {
      stats.dropped[reason].add(c.dropped[reason].get() - booked_[reason]);
      booked_[reason] = c.dropped[reason].get();
    }
    stats.processed.set(c.control_frames.get());
    in_flight_.set(assembler_.frames_in_flight());
  }

  std::array<uint64_t, kDropCount> booked_{};  // of the assembler's drops
  HugeMemory memory_;
  GramPool pool_;
  Assembler assembler_;
  Backlog& backlog_;
  uint64_t told_bytes_ = 0;
  uint32_t told_grams_ = 0;
  Relief& relief_;
  size_t place_;
  std::array<Gram*, kReadyMax> ready_;
  uint32_t ready_count_ = 0;
  uint32_t ready_max_;
  uint64_t age_ticks_;
  LivedTime time_;
  uint64_t aged_ = 0;
  Counter in_flight_;
  Counter results_done_;
  Counter results_refused_;
};

/// Mbufs of which the port's rings and its neighbours have no need: what is held may take half of them.
uint32_t spare_mbufs(const Port& port) noexcept {
  const uint32_t ringed = port.rx_queues * uint32_t{port.driver.rxd} + port.tx_queues * uint32_t{port.driver.txd};
  const uint32_t mbufs = port.driver.mbufs;
  return std::max(mbufs - std::min(mbufs, ringed), mbufs / kLeastSpare);
}

/// The bounds of held frames that the configuration leaves open. Every one keeps an mbuf from its port, so that too
/// many would stop reception; the frames may all be from the port with the fewest.
void share_mbufs(const StageEnv& env, AssemblerConfig& assembler) noexcept {
  uint32_t spare = UINT32_MAX;
  for (const Port& port : env.ports) spare = std::min(spare, spare_mbufs(port));
  const auto stages = static_cast<uint32_t>(env.alike);
  if (assembler.max_held == 0) assembler.max_held = std::clamp(spare / 2 / stages, 1U, kHeldMax);
  if (assembler.peer_held == 0) assembler.peer_held = std::max(assembler.max_held / 2, 1U);
}

Result<std::unique_ptr<Stage>> AssemblePlan::create(const StageEnv& env) {
  const size_t bytes = GramPool::memory_bytes(pool);
  HugeMemory memory(rte_malloc_socket("pfs_grams", bytes, RTE_CACHE_LINE_SIZE, env.socket));
  if (!memory)
    return fail("stage '" + env.name + "'", "no " + std::to_string(bytes) + " bytes of memory for its grams",
                "lower `grams`, `descriptors` or `slab`, or add hugepages", Exit::kFailed);
  assembler.hold_ticks = env.ticks_per_second / 1000000 * hold_us;
  assembler.gram_ticks = env.ticks_per_second / 1000 * gram_ms.value_or(env.behind_session ? kSessionGramMs : kGramMs);
  assembler.idle_ticks = env.ticks_per_second / 1000 * peer_idle_ms;
  share_mbufs(env, assembler);
  for (const StreamEntry& stream : env.streams) assembler.streams.push_back({.id = stream.id, .key = stream.key});
  for (const Port& from : env.ports)
    if (const auto& bare = from.config.bare)
      assembler.bare.push_back({.port = from.id, .stream = bare->stream, .op = bare->op, .crc = bare->crc});
  return std::make_unique<Assemble>(env, *this, std::move(memory), bytes);
}

Result<std::unique_ptr<StagePlan>> parse(const StageConfig& config) {
  auto plan = std::make_unique<AssemblePlan>();
  Reader reader(&config.node, "stage '" + config.name + "'");
  plan->port = reader.text("port", "");
  plan->assembler.hold_frames = static_cast<uint32_t>(reader.number("hold_frames", 1024, 1, 65536));
  plan->hold_us = reader.number("hold_us", 50000, 1, 10000000);
  if (reader.has("gram_ms")) plan->gram_ms = reader.number("gram_ms", 0, 1, 600000);
  plan->assembler.open_grams = static_cast<uint32_t>(reader.number("open_grams", 8, 1, 64));
  plan->assembler.max_held = static_cast<uint32_t>(reader.number("max_held", 0, 0, kHeldMax));
  plan->assembler.peer_held = static_cast<uint32_t>(reader.number("peer_held", 0, 0, kHeldMax));
  plan->assembler.max_gram_bytes = reader.size("max_gram_bytes", 1 << 30, 64, 1ULL << 40);
  plan->assembler.peer_bytes = reader.size("peer_bytes", 1 << 30, 64, 1ULL << 40);
  plan->assembler.max_peers = static_cast<uint32_t>(reader.number("max_peers", 64, 1, 1024));
  plan->peer_idle_ms = reader.number("peer_idle_ms", 1000, 1, 600000);
  plan->assembler.max_streams = static_cast<uint32_t>(reader.number("max_streams", 64, 1, 65536));
  plan->pool.grams = static_cast<uint32_t>(reader.number("grams", 64, 2, 65536));
  plan->pool.descriptors = static_cast<uint32_t>(reader.number("descriptors", 16384, 64, 1u << 26));
  plan->pool.slab_bytes = static_cast<uint32_t>(reader.size("slab", 512 << 10, 64, 1u << 30));
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  plan->memory_bytes = GramPool::memory_bytes(plan->pool);
  return plan;
}

const RegisterStage kRegistered(
    {.name = "assemble", .takes = {Item::kFrame}, .gives = {Item::kGram}, .whole_streams = true, .parse = parse});

}  // namespace
}  // namespace pfs
