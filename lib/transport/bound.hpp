#pragma once

#include <cstdint>

#include "transport/ack.hpp"

namespace pfs::transport {

/// What one round trip of a path has shown.
struct Round {
  uint64_t lost = 0;      ///< bytes that were found lost
  uint64_t arrived = 0;   ///< bytes
  uint64_t flight = 0;    ///< bytes, the most that were in flight
  uint32_t frame = 1500;  ///< bytes of one
  double product = 0;     ///< bytes: rate times smallest round trip
  bool queued = false;    ///< frames waited somewhere
};

/// How much may be in flight where a queue overflows. Losses at random say nothing of the path's capacity and are left
/// alone: only those count that come while a queue stands and are more than the path loses without one. Then what is in
/// flight is cut and grows again as CUBIC's window does (RFC 9438), so that a TCP beside us finds its like; where no
/// queue stands, nobody is harmed, and the bound grows faster.
class LossBound {
 public:
  /// A frame that was sent below the path's rate has arrived or was lost, while no queue stood: chance decided.
  void on_chance(uint64_t bytes, bool lost) noexcept;
  /// True if the round brought congestion, and the bound was cut.
  bool on_round(const Round& round, Time now) noexcept;
  void cut(uint64_t in_flight, double product, double leave, Time now) noexcept;

  /// Bytes that may be in flight.
  [[nodiscard]] double bytes() const noexcept { return bytes_; }
  /// Share of frames that are lost whatever is sent.
  [[nodiscard]] double chance() const noexcept { return chance_seen_ == 0 ? 0 : chance_lost_ / chance_seen_; }
  /// Losses of frames that were sent before do not count: the bound was cut for them.
  [[nodiscard]] Time cut_at() const noexcept { return cut_at_; }

 private:
  [[nodiscard]] bool congested(const Round& round) const noexcept;
  void grow(const Round& round, Time now) noexcept;

  double bytes_ = 1e18;    // there is no bound until the first cut
  double before_cut_ = 0;  // CUBIC's W_max
  double after_cut_ = 0;
  double reno_ = 0;  // bytes, W_est
  Time cut_at_ = 0;
  uint32_t calm_rounds_ = 0;  // since the cut, without a queue
  double chance_lost_ = 0;    // bytes
  double chance_seen_ = 0;    // bytes
};

}  // namespace pfs::transport
