#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "transport/bound.hpp"

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
/// trips, the smallest round trip of the last ten seconds, and a probe for more rate every eight. Where a queue
/// overflows, LossBound holds what is in flight.
class Congestion {
 public:
  /// A frame of `bytes` leaves, and `in_flight` bytes are on their way with it.
  void on_sent(uint32_t bytes, uint64_t in_flight) noexcept;
  void on_sample(const RateSample& sample, Time now) noexcept;
  void on_round_trip(Time rtt, Time now) noexcept;
  /// A frame that left at `sent` was lost.
  void on_lost(uint64_t bytes, Time sent) noexcept {
    if (sent >= bound_.cut_at()) round_now_.lost += bytes;
  }
  /// A frame that left while below_rate() held has arrived or was lost.
  void on_chance(uint64_t bytes, bool lost) noexcept {
    if (!queued(last_rtt_)) bound_.on_chance(bytes, lost);
  }
  /// Nothing that is in flight was heard of: the model is forgotten.
  void on_timeout() noexcept;

  /// Bytes a nanosecond.
  [[nodiscard]] double pacing_rate() const noexcept;
  /// Bytes that may be in flight.
  [[nodiscard]] uint64_t window() const noexcept;
  [[nodiscard]] double rate() const noexcept;
  [[nodiscard]] Time min_round_trip() const noexcept { return min_rtt_; }
  /// What leaves now is less than the path carries, so that no queue of ours can lose it.
  [[nodiscard]] bool below_rate(Time now) const noexcept;
  /// So few bytes in flight say nothing of the path's rate.
  [[nodiscard]] bool is_sparse(uint64_t in_flight) const noexcept;
  /// The last round trip was longer than the path is.
  [[nodiscard]] bool sees_queue() const noexcept { return queued(last_rtt_); }

 private:
  enum class Mode : uint8_t { kStartup, kDrain, kProbe, kProbeRtt };
  [[nodiscard]] double pacing_gain() const noexcept;
  [[nodiscard]] double product() const noexcept;
  [[nodiscard]] double late() const noexcept;
  [[nodiscard]] double flight_needed() const noexcept;
  [[nodiscard]] bool queued(Time rtt) const noexcept;
  [[nodiscard]] bool rtt_is_known(Time now) const noexcept;
  [[nodiscard]] bool stands(const Round& round, Time now) const noexcept;
  void begin_drain() noexcept;
  [[nodiscard]] bool is_drained() const noexcept;
  void lower_rate(const Round& round) noexcept;
  void on_round(const RateSample& sample, Time now) noexcept;

  static constexpr size_t kRounds = 10;

  Mode mode_ = Mode::kStartup;
  LossBound bound_;
  Round round_now_;
  uint64_t flight_before_ = 0;  // bytes, the most of the round before
  bool queue_stood_ = false;    // in this round
  bool queue_stood_before_ = false;
  Time last_rtt_ = 0;
  Time clear_at_ = 0;                    // when a frame had not waited in a queue
  uint64_t in_flight_ = 0;               // bytes, when a frame was sent last
  uint64_t drain_ends_ = 0;              // round
  Time long_seen_ = 0;                   // when a round trip was longer than windows of our kind make it
  std::array<double, kRounds> rates_{};  // the largest of each of the last rounds
  double largest_rate_ = 0;              // of them all
  uint64_t rate_round_ = 0;              // the one that is measured
  bool rate_seen_ = false;               // in this round
  uint64_t round_ = 0;
  Time round_since_ = 0;
  uint64_t round_ends_ = 0;   // delivered bytes
  uint64_t round_began_ = 0;  // delivered bytes
  double full_rate_ = 0;
  uint32_t full_rounds_ = 0;
  uint32_t queued_rounds_ = 0;
  uint32_t phase_ = 0;
  uint32_t frame_ = 1500;  // bytes
  Time min_rtt_ = 0;
  Time min_rtt_seen_ = 0;
  Time probe_rtt_ends_ = 0;
  Time rtt_before_ = 0;  // the smallest, when the probe for it began
};

}  // namespace pfs::transport
