#pragma once

#include <cstdint>

namespace pfs {

/// What happens to frames, decided by a seed: the same frames in the same order meet the same fate.
struct ImpairConfig {
  double loss = 0, duplicate = 0, reorder = 0, corrupt = 0;  ///< probabilities, 0 to 1
  uint32_t depth = 8;                                        ///< frames that may overtake a delayed one
  uint64_t seed = 1;
};

struct Fate {
  bool lost = false;
  bool doubled = false;
  bool delayed = false;
  bool corrupted = false;
  uint32_t overtakers = 0;  ///< frames that go before a delayed one, at least 1
  uint32_t bit = 0;         ///< which bit is flipped, of as many as the caller has (take it modulo them)
};

class Dice {
 public:
  explicit Dice(const ImpairConfig& config) noexcept : config_(config), state_(config.seed) {}

  /// The next frame's fate. Draws the same numbers whatever is configured, so that one probability's change leaves the
  /// others' frames alone.
  Fate roll() noexcept {
    Fate fate;
    fate.lost = chance(config_.loss);
    fate.doubled = chance(config_.duplicate);
    fate.delayed = chance(config_.reorder);
    fate.corrupted = chance(config_.corrupt);
    fate.overtakers = 1 + static_cast<uint32_t>(next() % config_.depth);
    fate.bit = static_cast<uint32_t>(next() >> 32);
    return fate;
  }

 private:
  bool chance(double probability) noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability; }
  uint64_t next() noexcept {  // SplitMix64
    uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
  }

  ImpairConfig config_;
  uint64_t state_;
};

}  // namespace pfs
