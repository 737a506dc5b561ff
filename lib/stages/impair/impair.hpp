#pragma once

#include <rte_mbuf.h>

#include <optional>
#include <vector>

#include "stages/impair/dice.hpp"
#include "stages/impair/line.hpp"
#include "stages/stage.hpp"

namespace pfs {

struct ImpairConfig {
  DiceConfig dice;
  LineConfig line;
  uint32_t frames = 4096;     ///< that may be on the line at once; a power of two
  uint32_t trim_bytes = 64;   ///< that a trimmed frame keeps
  uint32_t frame_extra = 24;  ///< bytes that a frame takes on the link beside its own: 24 at L1, 4 at L2
};

/// A link with faults: loses, doubles, reorders, corrupts and trims frames by a seed; sends at a rate from a bounded
/// queue; delays; and takes nothing in black-hole intervals. Without rate and delay frames go on as they come.
/// Takes: frames of any kind, received or built. Gives: frames. Owns: the frames on the line and those that are being
/// overtaken. Drops: impaired; black_hole; link_full (the link's queue, or `frames`); no_memory (a copy for which there
/// was no mbuf is not made); queue_full; stopped. Thread: its lcore.
class Impair final : public Stage {
 public:
  Impair(const StageEnv& env, const ImpairConfig& config);

  void take(void** items, uint32_t count) noexcept override;
  uint32_t poll(uint64_t now) noexcept override;
  bool drain(uint64_t now) noexcept override;
  [[nodiscard]] uint32_t room() const noexcept override;
  [[nodiscard]] uint64_t frames_in_flight() const noexcept override { return held_.get(); }
  [[nodiscard]] StageFigures figures() const override;

 private:
  struct Overtaken {
    rte_mbuf* frame;
    uint32_t overtakers;  ///< that are still to come
  };
  struct OnLine {
    rte_mbuf* frame;
    uint64_t out;  ///< TSC
  };

  void meet(rte_mbuf* frame, const Fate& fate, uint64_t now) noexcept;
  rte_mbuf* copy(rte_mbuf& frame) noexcept;
  rte_mbuf* own(rte_mbuf* frame) noexcept;
  rte_mbuf* twin_of(rte_mbuf& frame) noexcept;
  void corrupt(rte_mbuf& frame, uint32_t bit) noexcept;
  void trim(rte_mbuf& frame) noexcept;
  void enter(rte_mbuf* frame, uint64_t now, double jitter) noexcept;
  void overtake(uint64_t now) noexcept;
  void stop_overtaking(uint64_t now) noexcept;
  uint32_t release(uint64_t now) noexcept;
  uint32_t pass(rte_mbuf** frames, uint32_t count) noexcept;
  void drop(Drop reason, rte_mbuf* frame) noexcept;
  [[nodiscard]] uint32_t on_line() const noexcept { return tail_ - head_; }

  RunControl& control_;
  const ImpairConfig config_;
  Dice dice_;
  Line line_;
  const uint64_t quiet_;  // ticks
  uint64_t quiet_since_ = 0;
  std::vector<Overtaken> overtaken_;
  std::vector<OnLine> slots_;  // a ring, oldest at head_
  uint32_t head_ = 0;
  uint32_t tail_ = 0;
  Counter held_;
  Counter doubled_;
  Counter reordered_;
  Counter corrupted_;
  Counter trimmed_;
};

}  // namespace pfs
