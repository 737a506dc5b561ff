#pragma once

#include <cstdint>

#include "base/splitmix.hpp"

namespace pfs {

/// What chance does to frames, decided by a seed: the same frames in the same order meet the same fate. Each
/// probability is from 0 to 1.
struct DiceConfig {
  double loss = 0;         ///< of a frame outside bursts
  double burst_enter = 0;  ///< that a burst begins with a frame (Gilbert-Elliott: from good to bad)
  double burst_leave = 1;  ///< that a burst has ended before a frame: 1 / burst_leave frames is its mean length
  double burst_loss = 1;   ///< of a frame inside a burst
  double duplicate = 0, reorder = 0, corrupt = 0, trim = 0;
  uint32_t depth = 8;  ///< frames that may overtake a delayed one
  uint64_t seed = 1;
};

struct Fate {
  bool lost = false;
  bool doubled = false;
  bool delayed = false;
  bool corrupted = false;
  bool trimmed = false;
  uint32_t overtakers = 0;  ///< frames that go before a delayed one, at least 1
  uint32_t bit = 0;         ///< which bit is flipped, of as many as the caller has (take it modulo them)
  double jitter = 0;        ///< share of the largest jitter, from 0 to below 1
};

class Dice {
 public:
  explicit Dice(const DiceConfig& config) noexcept : config_(config), numbers_(config.seed) {}

  /// The next frame's fate. A roll draws as many numbers whatever is configured, so that a change of one probability
  /// leaves the fates that hang on the others alone.
  Fate roll() noexcept {
    Fate fate;
    const bool enters = chance(config_.burst_enter);
    const bool leaves = chance(config_.burst_leave);
    in_burst_ = in_burst_ ? !leaves : enters;
    const double luck = unit();
    fate.lost = luck < (in_burst_ ? config_.burst_loss : config_.loss);
    fate.doubled = chance(config_.duplicate);
    fate.delayed = chance(config_.reorder);
    fate.corrupted = chance(config_.corrupt);
    fate.trimmed = chance(config_.trim);
    fate.overtakers = 1 + static_cast<uint32_t>(next() % config_.depth);
    fate.bit = static_cast<uint32_t>(next() >> 32);
    fate.jitter = unit();
    return fate;
  }

 private:
  bool chance(double probability) noexcept { return unit() < probability; }
  double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  uint64_t next() noexcept { return numbers_.next(); }

  DiceConfig config_;
  SplitMix64 numbers_;
  bool in_burst_ = false;
};

}  // namespace pfs
