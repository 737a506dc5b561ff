#pragma once

#include <cstdint>

namespace pfs {

constexpr uint64_t kSplitmixStep = 0x9E3779B97F4A7C15;
constexpr uint64_t kSplitmixMul1 = 0xBF58476D1CE4E5B9;
constexpr uint64_t kSplitmixMul2 = 0x94D049BB133111EB;

/// The number that SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) makes of its counter.
constexpr uint64_t splitmix_mix(uint64_t z) noexcept {
  z = (z ^ z >> 30) * kSplitmixMul1;
  z = (z ^ z >> 27) * kSplitmixMul2;
  return z ^ z >> 31;
}

/// SplitMix64 as a source of numbers: the same seed gives the same numbers everywhere. It must not make secrets.
class SplitMix64 {
 public:
  explicit constexpr SplitMix64(uint64_t seed) noexcept : counter_(seed) {}
  constexpr uint64_t next() noexcept { return splitmix_mix(counter_ += kSplitmixStep); }

 private:
  uint64_t counter_;
};

}  // namespace pfs
