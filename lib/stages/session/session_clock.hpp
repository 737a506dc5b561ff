#pragma once

#include <cstdint>

#include "transport/ack.hpp"

namespace pfs {

/// Nanoseconds since the clock was made, from ticks of the TSC, without a division.
class SessionClock {
 public:
  SessionClock(uint64_t ticks_per_second, uint64_t start) noexcept
      : start_(start), scale_((static_cast<__uint128_t>(transport::kSecond) << kShift) / ticks_per_second) {}

  /// 0 for ticks before the start: another stage may have read the TSC a moment earlier.
  [[nodiscard]] transport::Time at(uint64_t ticks) const noexcept {
    if (ticks <= start_) return 0;
    return static_cast<transport::Time>(((ticks - start_) * scale_) >> kShift);
  }

 private:
  static constexpr unsigned kShift = 32;
  uint64_t start_;
  __uint128_t scale_;
};

}  // namespace pfs
