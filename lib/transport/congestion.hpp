#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "transport/ack.hpp"

namespace pfs::transport {

/// What one acknowledged frame says of its path.
struct RateSample {
  uint64_t delivered = 0;       ///< bytes of the path in all, with this frame
  uint64_t delivered_then = 0;  ///< and when the frame was sent
  Time interval = 0;            ///< between the two
  bool limited = false;         ///< there was less to send than the path could carry
};

/// How fast a path may be sent on: a model of the path's rate and round trip, not of its losses, so that random loss
/// costs what it takes and no more. After BBR (Cardwell et al., 2016): the largest delivery rate of the last ten round
/// trips, the smallest round trip of the last ten seconds, and a probe for more rate every eight.
class Congestion {
 public:
  void on_sample(const RateSample& sample, Time now) noexcept;
  void on_round_trip(Time rtt, Time now) noexcept;
  void on_lost(uint64_t bytes) noexcept { lost_ += bytes; }
  /// Nothing that is in flight was heard of: the model is forgotten.
  void on_timeout() noexcept;

  /// Bytes a nanosecond.
  [[nodiscard]] double pacing_rate() const noexcept { return pacing_gain() * rate(); }
  /// Bytes that may be in flight.
  [[nodiscard]] uint64_t window() const noexcept;
  [[nodiscard]] double rate() const noexcept;
  [[nodiscard]] Time min_round_trip() const noexcept { return min_rtt_; }

 private:
  enum class Mode : uint8_t { kStartup, kDrain, kProbe, kProbeRtt };
  [[nodiscard]] double pacing_gain() const noexcept;
  [[nodiscard]] double product() const noexcept;
  void on_round(const RateSample& sample, Time now) noexcept;

  static constexpr size_t kRounds = 10;

  Mode mode_ = Mode::kStartup;
  std::array<double, kRounds> rates_{};  // the largest of each of the last rounds
  uint64_t round_ = 0;
  uint64_t round_ends_ = 0;   // delivered bytes
  uint64_t round_began_ = 0;  // delivered bytes
  uint64_t lost_ = 0;         // bytes of this round
  double loss_ = 0;           // share of what was sent, smoothed over rounds
  double full_rate_ = 0;
  uint32_t full_rounds_ = 0;
  uint32_t phase_ = 0;
  Time min_rtt_ = 0;
  Time min_rtt_seen_ = 0;
  Time probe_rtt_ends_ = 0;
};

}  // namespace pfs::transport
