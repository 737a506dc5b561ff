#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace pfs {

/// A link's law of time. All times are ticks of one clock.
struct LineConfig {
  double ticks_per_byte = 0;  ///< 0: the link has no rate
  double queue_bytes = 0;     ///< that may wait for the link; meaningless without a rate
  uint64_t delay = 0;
  uint64_t jitter = 0;       ///< at most so much is added to the delay
  uint64_t black_every = 0;  ///< period of the black-hole intervals; 0: there are none
  uint64_t black_for = 0;    ///< the last part of each period, in which the link takes nothing
};

/// When frames come out of a link that sends one after the other at its rate, from a queue with a bound, and delays
/// each. Frames come out in the order in which they went in. Pure: the caller brings the time.
class Line {
 public:
  explicit Line(const LineConfig& config) noexcept : config_(config) {}

  /// True if frames come out as they go in: nothing needs to wait.
  [[nodiscard]] bool immediate() const noexcept {
    return config_.ticks_per_byte == 0 && config_.delay == 0 && config_.jitter == 0;
  }

  /// True in a black-hole interval. The first period begins with the first call.
  bool black(uint64_t now) noexcept {
    if (config_.black_every == 0) return false;
    if (!begun_) {
      begun_ = true;
      first_ = now;
    }
    return (now - first_) % config_.black_every >= config_.black_every - config_.black_for;
  }

  /// When a frame that goes in now comes out; nothing if the queue has no room for the frame. `bytes`: what the frame
  /// takes on the link. `jitter`: share of the largest jitter, 0 to 1.
  std::optional<uint64_t> enter(uint64_t now, uint32_t bytes, double jitter) noexcept {
    if (config_.ticks_per_byte != 0) {
      if (free_at_ < now) {
        free_at_ = now;
        fraction_ = 0;
      }
      if (static_cast<double>(free_at_ - now) > config_.queue_bytes * config_.ticks_per_byte) return std::nullopt;
      const double until = fraction_ + bytes * config_.ticks_per_byte;
      free_at_ += static_cast<uint64_t>(until);
      fraction_ = until - static_cast<double>(static_cast<uint64_t>(until));  // or 64-byte frames would go 3 % too fast
    } else {
      free_at_ = now;
    }
    const uint64_t out = free_at_ + config_.delay + static_cast<uint64_t>(jitter * static_cast<double>(config_.jitter));
    return last_out_ = std::max(out, last_out_);
  }

 private:
  LineConfig config_;
  bool begun_ = false;
  uint64_t first_ = 0;
  uint64_t free_at_ = 0;  ///< when the last frame that went in has been sent
  double fraction_ = 0;   ///< ticks behind free_at_
  uint64_t last_out_ = 0;
};

}  // namespace pfs
