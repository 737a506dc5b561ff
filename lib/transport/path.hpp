#pragma once

#include <algorithm>
#include <cstdint>

#include "transport/congestion.hpp"
#include "transport/flights.hpp"

namespace pfs::transport {

struct PathConfig {
  Time least_timeout = 10 * kMillisecond;  ///< 200 us where the path is a lab's
  Time most_timeout = 2 * kSecond;
  Time ack_delay = kMillisecond;  ///< how long the receiver may keep a frame before it answers
};

/// One way to the peer: its round trip, its rate, what is in flight on it, and when something on it counts as lost.
/// Loss is judged by time and by later arrivals, as RACK does (RFC 8985): a frame is lost when a frame that was sent
/// later has arrived and a round trip and the path's reordering have passed.
class Path {
 public:
  Path() noexcept = default;  ///< there is none: nothing may be sent
  Path(const PathConfig& config, Time now) noexcept : config_(config), open_(true), opened_(now) {}

  /// A frame leaves.
  void on_sent(Flight& flight, Time now) noexcept;
  /// A frame that was in flight on this path has arrived. True if the arrival was of the last transmission, false if
  /// an earlier one has arrived after all and the repair was not needed.
  bool on_arrived(const Flight& flight, Time now) noexcept;
  /// The peer answered a frame that carried `stamp`, after keeping the frame for `held`.
  void on_echo(Time stamp, Time held, Time now) noexcept;
  /// A frame that was in flight on this path counts as lost.
  void on_lost(const Flight& flight) noexcept;
  /// A frame that had been given up on this path has arrived after all.
  void on_late(const Flight& flight, Time now) noexcept;
  /// How far behind the peer's memory and kernels are. They are the bottleneck as much as any link, so the pace yields
  /// to them in proportion: 0 leaves it as it is, 255 lets one frame go each timeout.
  void on_pressure(uint8_t pressure, Time now) noexcept;
  /// The silence has lasted too long.
  void on_timeout(Time now) noexcept;

  /// When a frame in flight counts as lost because later ones have arrived; kNever if none of those have.
  [[nodiscard]] Time lost_at(const Flight& flight) const noexcept;
  /// True if the frame has been in flight for as long as news of it takes, so that a nack can mean this transmission.
  [[nodiscard]] bool may_be_nacked(const Flight& flight, Time now) const noexcept {
    return now - flight.sent >= std::max<Time>(congestion_.min_round_trip(), 1);
  }
  /// When the silence of a path that waits for an answer has lasted too long; kNever if it waits for none.
  [[nodiscard]] Time timeout_at() const noexcept;
  /// When the next frame may leave, by pace; the window is another matter.
  [[nodiscard]] Time pace_at(Time now) const noexcept;
  [[nodiscard]] bool has_window(uint32_t bytes) const noexcept { return in_flight_ + bytes <= congestion_.window(); }
  /// Frames of more bytes do not arrive by this path.
  void set_most(uint32_t bytes) noexcept { most_ = bytes; }
  [[nodiscard]] bool carries(uint32_t bytes) const noexcept { return open_ && !dead() && bytes <= most_; }

  [[nodiscard]] Time round_trip() const noexcept { return smoothed_; }
  [[nodiscard]] double rate() const noexcept { return congestion_.rate(); }
  [[nodiscard]] uint64_t in_flight() const noexcept { return in_flight_; }  ///< bytes, as the following
  [[nodiscard]] uint64_t delivered() const noexcept { return delivered_; }
  /// Frames that left the path without having arrived, as it seemed.
  [[nodiscard]] uint64_t lost() const noexcept { return lost_; }
  /// Timeouts in a row. From kDeadTimeouts on, the path only carries pings, until one is answered.
  [[nodiscard]] uint32_t timeouts() const noexcept { return timeouts_; }
  [[nodiscard]] bool dead() const noexcept { return timeouts_ >= kDeadTimeouts; }
  [[nodiscard]] bool open() const noexcept { return open_; }
  [[nodiscard]] bool usable() const noexcept { return open_ && !dead(); }
  [[nodiscard]] Time timeout() const noexcept;
  /// There is nothing to send: until what is in flight has arrived, the path's rate is not what limits.
  void on_idle() noexcept { limited_until_ = delivered_ + in_flight_; }

  static constexpr uint32_t kDeadTimeouts = 3;
  List flying;  ///< frames in flight here, in the order in which they were sent last

 private:
  [[nodiscard]] double free_after(uint32_t bytes) const noexcept;
  [[nodiscard]] bool is_late(uint32_t bytes, Time now) const noexcept;
  void see_late(Time took, Time now) noexcept;
  void expect_late(Time late, Time now) noexcept;
  [[nodiscard]] Time interval(double free) const noexcept;

  PathConfig config_;
  bool open_ = false;
  uint8_t pressure_ = 0;
  uint32_t most_ = UINT32_MAX;
  Time opened_ = 0;
  Congestion congestion_;
  Time smoothed_ = 0;  // 0: no round trip has been measured
  Time variation_ = 0;
  Time reordering_ = 0;     // how much later than a round trip frames that were overtaken have arrived
  Time newest_sent_ = 0;    // when the frame was sent that was sent last of those that have arrived
  Time newest_before_ = 0;  // the same before the Ack that is looked at
  Time acked_at_ = 0;       // when that came
  Time raised_at_ = 0;      // when reordering_ was raised last
  Time forgot_ = 0;         // when reordering_ was lowered last
  Time heard_ = 0;          // last sent while nothing was in flight, or last heard of
  Time pace_ = 0;           // when the link is free again, by pace
  uint64_t in_flight_ = 0;  // bytes
  uint64_t delivered_ = 0;  // bytes
  Time delivered_at_ = 0;
  Time first_sent_ = 0;         // when the frame was sent whose arrival is the newest
  uint64_t limited_until_ = 0;  // delivered bytes
  uint64_t late_until_ = 0;     // likewise
  uint64_t lost_ = 0;
  uint32_t timeouts_ = 0;
};

}  // namespace pfs::transport
