#pragma once

#include <algorithm>
#include <cstdint>

#include "transport/ack.hpp"

namespace pfs::session {

using transport::Time;

/// So many of something a second, and so many at once: what keeps a peer's frames from causing more of ours than that.
class Budget {
 public:
  constexpr Budget(uint32_t a_second, uint32_t at_once) noexcept
      : interval_(transport::kSecond / a_second), most_(interval_ * at_once) {}

  /// True if one more may be had now; then it is spent.
  bool take(Time now) noexcept {
    const Time earliest = now > most_ ? now - most_ : 0;
    const Time spent = std::max(spent_, earliest) + interval_;
    if (spent > now) return false;
    spent_ = spent;
    return true;
  }

 private:
  Time interval_;
  Time most_;
  Time spent_ = 0;  // the time up to which everything has been had
};

}  // namespace pfs::session
