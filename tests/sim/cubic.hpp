#pragma once

#include <cstdint>
#include <deque>

#include "transport/ack.hpp"

namespace pfs::sim {

using transport::Time;

/// A TCP sender with CUBIC (RFC 9438), SACK recovery (RFC 6675, three later arrivals show a loss) and HyStart++ (RFC
/// 9406, its exit alone), as a model: it counts segments of one size, has always something to send, and its receiver
/// acknowledges each segment by its number. Good enough to stand beside a sender of ours.
class Cubic {
 public:
  /// The number of the segment that leaves now, if the window allows one.
  bool depart(Time now, uint64_t& number) noexcept;
  void on_ack(uint64_t number, Time now) noexcept;
  void on_time(Time now) noexcept;
  [[nodiscard]] Time next_event() const noexcept;

  [[nodiscard]] double window() const noexcept { return window_; }

 private:
  struct Segment {
    Time sent = 0;
    uint64_t order = 0;  ///< of all transmissions, so that a repair is judged by what left after it
    bool acked = false;
    bool lost = false;
    bool flying = false;
  };

  void on_loss(Time now) noexcept;
  void grow(Time now) noexcept;
  void hystart(Time rtt) noexcept;

  std::deque<Segment> segments_;  ///< from first_ on
  uint64_t first_ = 0;
  uint64_t next_ = 0;      ///< segment that was never sent
  uint64_t order_ = 0;     ///< transmissions
  uint64_t newest_ = 0;    ///< order of the newest that arrived
  uint64_t checked_ = 0;   ///< segments before this one were judged lost or arrived
  uint64_t recovery_ = 0;  ///< order: losses of earlier transmissions belong to the same event
  uint64_t lost_ = 0;      ///< segments that wait to be sent again
  uint64_t flying_ = 0;
  double window_ = 10;  ///< segments
  double threshold_ = 1e18;
  double largest_ = 0;  ///< W_max
  double reno_ = 0;     ///< W_est
  Time epoch_ = 0;      ///< when the present growth began; 0: with the next Ack
  double origin_ = 0;   ///< window that the cubic function aims at
  double k_ = 0;        ///< seconds until then
  Time smoothed_ = 0, variation_ = 0;
  Time heard_ = 0;
  Time round_min_ = 0, last_round_min_ = 0;
  uint64_t round_ends_ = 0;
  uint32_t round_samples_ = 0;
};

}  // namespace pfs::sim
