#include "transport/path.hpp"

#include <algorithm>

namespace pfs::transport {
namespace {

constexpr Time kFirstTimeout = kSecond;     // before a round trip has been measured
constexpr uint32_t kBurstFrames = 64;       // that may leave together to make up for a pause
constexpr uint64_t kForgetRoundTrips = 16;  // after which a path counts as a little less reordering
constexpr Time kNewsPart = 16;              // of a round trip, by which news of an arrival may be late
constexpr uint32_t kMostBackoff = 1;        // doublings; a dead path carries pings only, which cost nothing
constexpr Time kStampStep = 64;             // a stamp crosses the wire in such steps
constexpr uint32_t kFullPressure = UINT8_MAX;

}  // namespace

void Path::on_sent(Flight& flight, Time now) noexcept {
  if (in_flight_ == 0) {
    heard_ = now;
    delivered_at_ = first_sent_ = now;  // the pause before is not the path's slowness
  }
  flight.sent = now;
  flight.delivered_then = delivered_;
  flight.delivered_at = delivered_at_;
  flight.first_sent = first_sent_;
  const bool limited = delivered_ < limited_until_ || pressure_ != 0;
  if (is_late(flight.wire_bytes, now)) late_until_ = delivered_ + in_flight_ + flight.wire_bytes;
  flight.limited = limited || delivered_ < late_until_ || congestion_.is_sparse(in_flight_ + flight.wire_bytes);
  flight.flying = true;
  if (flight.transmissions != UINT16_MAX) ++flight.transmissions;
  // What is lost while a queue stands may well be lost to the queue, and would be made up for by filling it more.
  flight.below = !congestion_.sees_queue() && (limited || congestion_.below_rate(now));
  in_flight_ += flight.wire_bytes;
  congestion_.on_sent(flight.wire_bytes, in_flight_);
  const double free = free_after(flight.wire_bytes);
  const auto burst = static_cast<Time>(kBurstFrames * free);
  const Time earliest = now > burst ? now - burst : 0;
  pace_ = std::max(pace_, earliest) + interval(free);
}

/// How long so many bytes take at the pace. Whatever many silences have made of the rate, a frame may leave each
/// timeout.
double Path::free_after(uint32_t bytes) const noexcept {
  return std::min(bytes / congestion_.pacing_rate(), static_cast<double>(timeout()));
}

/// Pace and window let frames leave long ago, but nobody came to send them: the owner's thread waited for its CPU. What
/// leaves then says nothing of the path's rate.
bool Path::is_late(uint32_t bytes, Time now) const noexcept {
  const auto burst = static_cast<Time>(kBurstFrames * free_after(bytes));
  return pace_ + burst < now && in_flight_ != 0 && in_flight_ + uint64_t{kBurstFrames} * bytes <= congestion_.window();
}

/// How long the link counts as taken by a frame that takes `free` of it without pressure.
Time Path::interval(double free) const noexcept {
  if (pressure_ == 0) return static_cast<Time>(free);
  const auto longest = static_cast<double>(timeout());
  if (pressure_ == kFullPressure) return static_cast<Time>(longest);
  const double share = 1 - static_cast<double>(pressure_) / kFullPressure;
  return static_cast<Time>(std::min(free / share, longest));
}

/// What remains of the last frame's interval shrinks with the pressure, so that relief is felt at once.
void Path::on_pressure(uint8_t pressure, Time now) noexcept {
  if (pressure < pressure_ && pace_ > now)
    pace_ = now + (pace_ - now) * (kFullPressure + 1 - pressure_) / (kFullPressure + 1 - pressure);
  pressure_ = pressure;
}

bool Path::on_arrived(const Flight& flight, Time now) noexcept {
  if (now != acked_at_) {
    acked_at_ = now;
    newest_before_ = newest_sent_;
  }
  in_flight_ -= flight.wire_bytes;
  delivered_ += flight.wire_bytes;
  delivered_at_ = now;
  heard_ = now;
  timeouts_ = 0;
  // Sooner than any frame can come back: the arrival is that of an earlier transmission.
  if (flight.transmissions > 1 && smoothed_ != 0 && now - flight.sent < smoothed_ / 2) {
    expect_late(std::max(reordering_, smoothed_ / 4) + smoothed_ / 16, now);
    return false;
  }
  if (flight.below) congestion_.on_chance(flight.wire_bytes, false);
  // Frames that one Ack tells of together did not arrive together: they came no faster than they were sent.
  const Time interval = std::max(now - flight.delivered_at, flight.sent - std::min(flight.sent, flight.first_sent));
  first_sent_ = std::max(first_sent_, flight.sent);
  // Of the frames that one Ack tells of, none overtook another as far as we know.
  if (flight.sent < newest_before_) see_late(now - flight.sent, now);
  newest_sent_ = std::max(newest_sent_, flight.sent);
  congestion_.on_sample({.delivered = delivered_,
                         .delivered_then = flight.delivered_then,
                         .interval = interval,
                         .limited = flight.limited},
                        now);
  return true;
}

void Path::on_echo(Time stamp, Time held, Time now) noexcept {
  const bool answers = open_ && stamp != 0;
  if (!answers || stamp + kStampStep <= opened_ || stamp > now || held > now - stamp)
    return;  // no clock of ours said so on this path
  const Time rtt = std::max<Time>(now - stamp - held, 1);
  // A ping that was answered has overtaken what was sent before it and is not here. It does not stand for an arrival:
  // frames that wait for one would wait as long as the owner pings the peer.
  newest_sent_ = std::max(newest_sent_, stamp);
  if (in_flight_ == 0) heard_ = now;
  timeouts_ = 0;
  congestion_.on_round_trip(rtt, now);
  if (smoothed_ == 0) {
    smoothed_ = rtt;
    variation_ = rtt / 2;
    return;
  }
  if (now - forgot_ > kForgetRoundTrips * smoothed_) {
    forgot_ = now;
    reordering_ -= reordering_ / 8;
  }
  const Time off = rtt > smoothed_ ? rtt - smoothed_ : smoothed_ - rtt;  // RFC 6298
  variation_ = (3 * variation_ + off) / 4;
  smoothed_ = (7 * smoothed_ + rtt) / 8;
}

void Path::on_lost(const Flight& flight) noexcept {
  ++lost_;
  in_flight_ -= flight.wire_bytes;
  congestion_.on_lost(flight.wire_bytes, flight.sent);
  if (flight.below) congestion_.on_chance(flight.wire_bytes, true);
}

void Path::on_late(const Flight& flight, Time now) noexcept {
  delivered_ += flight.wire_bytes;
  heard_ = now;
  timeouts_ = 0;
  see_late(now - flight.sent, now);
}

/// A frame that was overtaken has arrived after `took`: the next one may be as late, and a quarter later.
void Path::see_late(Time took, Time now) noexcept {
  if (took <= smoothed_) return;
  const Time late = took - smoothed_;
  expect_late(std::min(late + late / 4, reordering_ + smoothed_ / 4), now);
}

/// One Ack alone counts for little, for the news may be late and not the frames: the Acks before it may have been lost.
void Path::expect_late(Time late, Time now) noexcept {
  if (late <= reordering_ || now == raised_at_) return;
  reordering_ = std::min(late, 2 * smoothed_);
  raised_at_ = now;
}

void Path::on_timeout(Time now) noexcept {
  heard_ = now;
  ++timeouts_;
  if (timeouts_ == 2) congestion_.on_timeout();
}

Time Path::lost_at(const Flight& flight) const noexcept {
  if (flight.sent >= newest_sent_) return kNever;
  const Time news = std::max(smoothed_ / kNewsPart, std::min(smoothed_ / 4, config_.ack_delay));
  return flight.sent + smoothed_ + variation_ + std::max(reordering_, news);
}

Time Path::timeout() const noexcept {
  const Time measured = smoothed_ == 0 ? kFirstTimeout : smoothed_ + 4 * variation_ + config_.ack_delay;
  const Time floor = std::max(measured, config_.least_timeout);
  return std::min(floor << std::min(timeouts_, kMostBackoff), config_.most_timeout);
}

Time Path::timeout_at() const noexcept { return flying.count == 0 && !dead() ? kNever : heard_ + timeout(); }

Time Path::pace_at(Time now) const noexcept { return std::max(pace_, now); }

}  // namespace pfs::transport
