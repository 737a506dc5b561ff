#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/counter.hpp"
#include "stages/figures.hpp"

namespace pfs {

/// How long things took, as a histogram: each octave of ticks has kSteps buckets, so that a value is known to 1 part in
/// 32. One writer, the stage's lcore; any reader. Adding a value costs two stores and no division.
class Completions {
 public:
  void add(uint64_t ticks) noexcept {
    buckets_[bucket(ticks)].add(1);
    if (ticks > longest_.get()) longest_.set(ticks);
  }

  /// Ticks within which `per_mille` of 1,000 values lie, rounded up to their bucket's end; 0 if there are no values.
  [[nodiscard]] uint64_t within(uint32_t per_mille) const noexcept {
    uint64_t all = 0;
    for (const Counter& bucket : buckets_) all += bucket.get();
    const uint64_t rank = (all * per_mille + 999) / 1000;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < kBuckets && rank != 0; ++i)
      if ((seen += buckets_[i].get()) >= rank) return std::min(end(i), longest_.get());
    return 0;
  }
  [[nodiscard]] uint64_t longest() const noexcept { return longest_.get(); }

 private:
  static constexpr uint32_t kStepsPow2 = 5;
  static constexpr uint32_t kSteps = 1U << kStepsPow2;
  static constexpr uint32_t kBuckets = (64 - kStepsPow2 + 1) * kSteps;

  static constexpr uint32_t bucket(uint64_t ticks) noexcept {
    if (ticks < kSteps) return static_cast<uint32_t>(ticks);
    const auto octave = static_cast<uint32_t>(std::bit_width(ticks)) - kStepsPow2 - 1;
    return (octave << kStepsPow2) + static_cast<uint32_t>(ticks >> octave);
  }
  /// The largest value of a bucket.
  static constexpr uint64_t end(uint32_t bucket) noexcept {
    if (bucket < 2 * kSteps) return bucket;
    const uint32_t octave = (bucket >> kStepsPow2) - 1;
    return ((uint64_t{bucket} - (uint64_t{octave} << kStepsPow2) + 1) << octave) - 1;
  }

  std::array<Counter, kBuckets> buckets_;
  Counter longest_;
};

/// Adds what a report tells of completions: completion_p50, _p99, _p999 and _max in nanoseconds, of grams answered so
/// far. `completions` outlives the figures.
void tell(const Completions& completions, uint64_t ticks_per_second, StageFigures& out);

}  // namespace pfs
