// What counts as lost and goes again, by later arrivals and by timers.
#include <algorithm>

#include "transport/sender.hpp"

namespace pfs::transport {
namespace {

constexpr uint32_t kAskTimeouts = 4;            // between two questions for a grant
constexpr Time kPushEvery = 50 * kMillisecond;  // a frame goes to a peer that had no place for it
constexpr uint32_t kProbes = 4;                 // frames, after the second silence

}  // namespace

void Sender::lose(Path& path, uint32_t index) noexcept {
  Flight& flight = flights_[index];
  flights_.remove(path.flying, index);
  path.on_lost(flight);
  flight.flying = false;
  if (flight.seq == streams_[flight.stream].first)
    flights_.prepend(lost_, index);
  else
    flights_.append(lost_, index);
}

/// What a stream waits for goes before its other repairs: a receiver whose places are taken can use no other frame.
void Sender::hurry(Stream& stream) noexcept {
  if (stream.first == stream.unsent || !stream.open.test(stream.first)) return;
  const uint32_t index = flight_of(stream, stream.first);
  if (flights_[index].flying) return;
  flights_.remove(lost_, index);
  flights_.prepend(lost_, index);
}

void Sender::find_lost(Path& path, Time now) noexcept {
  while (path.flying.count != 0 && path.lost_at(flights_[path.flying.head]) <= now) lose(path, path.flying.head);
}

void Sender::on_time(Time now) noexcept {
  for (uint32_t i = 0; i < paths_.size(); ++i) {
    find_lost(paths_[i], now);
    if (paths_[i].timeout_at() <= now) on_silence(static_cast<uint8_t>(i), now);
  }
  if (now < ask_at_) return;
  if (is_stuck()) {
    push_ = true;
    ask_at_ = now + kPushEvery;
  }
  if (!wants_grant()) return;
  const auto open = std::find_if(paths_.begin(), paths_.end(), [](const Path& path) { return path.usable(); });
  ask_at_ = now + (open == paths_.end() ? kSecond : kAskTimeouts * open->timeout());
  if (open != paths_.end()) pings_ |= 1u << (open - paths_.begin());
}

/// After a silence the oldest frame goes again: the last frames of a burst have no later ones that could show their
/// loss, and an Ack of any frame tells which are missing. After the next silence a few more go, since the first or its
/// Ack may have been lost; what else is in flight may well have arrived. Then the path counts as dead: its frames go by
/// others, and it is asked by pings only.
void Sender::on_silence(uint8_t index, Time now) noexcept {
  Path& path = paths_[index];
  path.on_timeout(now);
  ++counters_.timeouts;
  const uint32_t count = path.timeouts() == 1 ? 1 : path.timeouts() == 2 ? kProbes : UINT32_MAX;
  for (uint32_t i = 0; i < count && path.flying.count != 0; ++i) lose(path, path.flying.head);
  if (path.dead())
    pings_ |= 1u << index;
  else
    probes_ = std::max(probes_, count);
}

/// Frames wait, and the peer had no place for them when it was heard last; but nothing is in flight whose Ack could
/// tell that this has changed.
bool Sender::is_stuck() const noexcept {
  return unacknowledged() != 0 && waiting() == kNone &&
         std::all_of(paths_.begin(), paths_.end(), [](const Path& path) { return path.flying.count == 0; });
}

Time Sender::next_event(Time now) const noexcept {
  if (pings_ != 0) return now;
  const uint32_t index = waiting();
  Time next = wants_grant() || is_stuck() ? ask_at_ : kNever;
  for (const Path& path : paths_) {
    next = std::min(next, path.timeout_at());
    if (path.flying.count != 0) next = std::min(next, path.lost_at(flights_[path.flying.head]));
    if (index == kNone || !path.carries(flights_[index].wire_bytes)) continue;
    if (probes_ != 0) return now;
    if (path.has_window(flights_[index].wire_bytes)) next = std::min(next, path.pace_at(now));
  }
  return next;
}

}  // namespace pfs::transport
