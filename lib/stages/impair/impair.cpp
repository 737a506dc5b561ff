#include <rte_mbuf.h>

#include <algorithm>
#include <vector>

#include "config/reader.hpp"
#include "stages/frame_stream.hpp"
#include "stages/impair/dice.hpp"
#include "stages/output.hpp"
#include "stages/stage.hpp"

namespace pfs {
namespace {

constexpr uint64_t kQuietPerSecond = 1000;  // delayed frames that nothing overtakes for 1 ms go on

/// Loses, doubles, delays and corrupts frames on purpose, by a seed; for tests.
/// Takes: frames, received or built. Gives: frames. Owns: delayed frames. Drops: impaired; no_memory (a copy for which
/// there was no mbuf is not made); queue_full. Thread: its lcore.
class Impair final : public Stage {
 public:
  Impair(const StageEnv& env, const ImpairConfig& config)
      : dice_(config), quiet_(env.ticks_per_second / kQuietPerSecond) {
    delayed_.reserve(config.depth);
    depth_ = config.depth;
    polls_new_items = false;
  }

  void take(void** items, uint32_t count) noexcept override {
    auto** frames = reinterpret_cast<rte_mbuf**>(items);
    for (uint32_t i = 0; i < count; ++i) meet(frames[i], dice_.roll());
    quiet_since_ = 0;
  }

  uint32_t poll(uint64_t now) noexcept override {
    if (delayed_.empty()) return 0;
    if (quiet_since_ == 0) quiet_since_ = now;
    return now - quiet_since_ > quiet_ ? release_all() : 0;
  }

  bool drain(uint64_t) noexcept override {
    release_all();
    return true;
  }

  /// Each frame taken may become two, and let all the delayed ones go. Delayed frames that fill the room behind go on
  /// by themselves when nothing comes.
  [[nodiscard]] uint32_t room() const noexcept override {
    const uint32_t behind = Stage::room();
    const auto delayed = static_cast<uint32_t>(delayed_.size());
    return behind > delayed ? (behind - delayed) / 2 : 0;
  }
  [[nodiscard]] uint64_t frames_in_flight() const noexcept override { return held_.get(); }

  [[nodiscard]] StageFigures figures() const override {
    using enum Figure::Unit;
    return {{"frames_doubled", kFrames, doubled_},
            {"frames_delayed", kFrames, delayed_count_},
            {"frames_corrupted", kFrames, corrupted_}};
  }

 private:
  struct Delayed {
    rte_mbuf* frame;
    uint32_t overtakers;
  };

  void meet(rte_mbuf* frame, const Fate& fate) noexcept {
    if (fate.lost) {
      stats.drop(Drop::kImpaired);
      rte_pktmbuf_free(frame);
      return;
    }
    if (fate.doubled) pass(copy(*frame));
    if (fate.corrupted && frame->data_len != 0) corrupt(*frame, fate.bit);
    if (fate.delayed && delayed_.size() < depth_) {
      delayed_.push_back({frame, fate.overtakers});
      delayed_count_.add(1);
      held_.set(delayed_.size());
      return;
    }
    pass(frame);
    overtake();
  }

  /// A copy of a received frame enters the ledger as received, one of a built frame as built.
  rte_mbuf* copy(rte_mbuf& frame) noexcept {
    rte_mbuf* twin = rte_pktmbuf_copy(&frame, frame.pool, 0, UINT32_MAX);
    if (twin == nullptr) {  // it enters the ledger and leaves it at once, so that it can be seen to be missing
      (frame.port == RTE_MBUF_PORT_INVALID ? stats.built : stats.received).add(1);
      stats.drop(Drop::kNoMemory);
      return nullptr;
    }
    // rte_pktmbuf_copy starts a fresh headroom; the headers that rx cut off must lie before the payload there too.
    std::copy_n(rte_pktmbuf_mtod(&frame, const uint8_t*) - frame.l2_len, frame.l2_len,
                rte_pktmbuf_mtod(twin, uint8_t*) - frame.l2_len);
    twin->port = frame.port;
    twin->l2_len = frame.l2_len;
    (frame.port == RTE_MBUF_PORT_INVALID ? stats.built : stats.received).add(1);
    doubled_.add(1);
    return twin;
  }

  void corrupt(rte_mbuf& frame, uint32_t bit) noexcept {
    auto* data = rte_pktmbuf_mtod(&frame, uint8_t*);
    // Built frames are whole: spare their Ethernet header, or no receiver would ever see them.
    const uint32_t skip =
        frame.port == RTE_MBUF_PORT_INVALID && frame.data_len > kEthernetHeaderBytes ? kEthernetHeaderBytes : 0;
    const uint32_t at = bit % ((frame.data_len - skip) * 8u);
    data[skip + at / 8] ^= static_cast<uint8_t>(1u << at % 8);
    corrupted_.add(1);
  }

  void overtake() noexcept {
    for (size_t i = 0; i < delayed_.size();) {
      if (--delayed_[i].overtakers != 0) {
        ++i;
        continue;
      }
      rte_mbuf* frame = delayed_[i].frame;
      delayed_.erase(delayed_.begin() + static_cast<ptrdiff_t>(i));
      held_.set(delayed_.size());
      pass(frame);
    }
  }

  uint32_t release_all() noexcept {
    const auto count = static_cast<uint32_t>(delayed_.size());
    for (const Delayed& delayed : delayed_) pass(delayed.frame);
    delayed_.clear();
    held_.set(0);
    return count;
  }

  void pass(rte_mbuf* frame) noexcept {
    if (frame == nullptr) return;
    void* item = frame;
    if (frames_out->send(stream_of(*frame, 0), &item, 1) == 1) return;
    stats.drop(Drop::kQueueFull);
    rte_pktmbuf_free(frame);
  }

  Dice dice_;
  uint64_t quiet_;
  uint64_t quiet_since_ = 0;
  uint32_t depth_ = 0;
  std::vector<Delayed> delayed_;
  Counter held_;
  Counter doubled_;
  Counter delayed_count_;
  Counter corrupted_;
};

struct ImpairPlan final : StagePlan {
  ImpairConfig impair;
  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override { return std::make_unique<Impair>(env, impair); }
};

Result<std::unique_ptr<StagePlan>> parse(const StageConfig& config) {
  auto plan = std::make_unique<ImpairPlan>();
  Reader reader(&config.node, "stage '" + config.name + "'");
  plan->impair.loss = reader.real("loss", 0, 0, 1);
  plan->impair.duplicate = reader.real("duplicate", 0, 0, 1);
  plan->impair.reorder = reader.real("reorder", 0, 0, 1);
  plan->impair.corrupt = reader.real("corrupt", 0, 0, 1);
  plan->impair.depth = static_cast<uint32_t>(reader.number("depth", plan->impair.depth, 1, 1024));
  plan->impair.seed = reader.number("seed", plan->impair.seed, 0, UINT64_MAX);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return plan;
}

const RegisterStage kRegistered({.name = "impair", .takes = {Item::kFrame}, .gives = {Item::kFrame}, .parse = parse});

}  // namespace
}  // namespace pfs
