// Silence, farewell, and what becomes of a session's frames when it is over.

#include <algorithm>

#include "session/impl.hpp"

namespace pfs::session {

void Endpoint::Impl::on_timer(Place& place, Time now) noexcept {
  switch (place.state) {
    case State::kFree:
      return;
    case State::kOpening: {
      const Time until = place.began + config_.forget;
      if (now >= until) {
        if (place.refusal.reason == ByeUnit::Reason::kSilent) place.refusal.ours = now - place.began;
        return end(place, place.refusal);
      }
      place.timer_due = until;
      return;
    }
    case State::kClosing:
      if (now >= place.bye_until) return end(place, place.farewell());
      place.timer_due = std::min(place.bye_at, place.bye_until);
      return;
    case State::kOpen:
    case State::kAway:
      break;
  }
  if (now >= place.heard + config_.forget)
    return end(place, {.reason = ByeUnit::Reason::kSilent, .ours = now - place.heard});
  if (place.state == State::kOpen && now >= place.heard + config_.silence) {
    place.state = State::kAway;
    ++counters_.away;
    sink_.on_away(place.id, true);
  }
  if (is_stuck(place, now)) measure_again(place, now);
  if (now >= place.said + config_.keep_alive)
    for (uint32_t i = 0; i < place.paths.size(); ++i)
      if (place.paths[i].used && place.paths[i].answered) place.ask |= 1u << i;
  place.timer_due = std::min((place.ask != 0 ? now : place.said) + config_.keep_alive,
                             place.heard + (place.state == State::kOpen ? config_.silence : config_.forget));
}

/// True if nothing arrives although the peer is there: perhaps frames as long as ours do not, since the network carries
/// less than it did.
bool Endpoint::Impl::is_stuck(Place& place, Time now) noexcept {
  const uint64_t arrived = place.sender.counters().arrived;
  if (arrived != place.arrived || place.sender.unacknowledged() == 0) {
    place.arrived = arrived;
    place.stuck_since = now;
  }
  return place.state == State::kOpen && now >= place.stuck_since + config_.silence;
}

void Endpoint::Impl::measure_again(Place& place, Time now) noexcept {
  place.stuck_since = now;
  for (WayTo& way : place.paths)
    if (way.usable) way.sizes.begin(std::min(way.allowed, way.peer_allows), 0, now);
  place.control_due = 0;
}

/// Frames that were built for longer paths never arrive by those that are left. Whoever built them has to begin anew,
/// with frames that fit.
void Endpoint::Impl::close_if_stranded(Place& place, Time now) noexcept {
  const uint32_t carried = place.longest_payload();
  if (!place.live() || carried == 0 || carried == place.longest_ever) return;
  const uint32_t longest = place.sender.longest();
  if (longest > carried + kFrameOverhead) close_stranded(place, longest - kFrameOverhead, carried, now);
}

void Endpoint::Impl::close_stranded(Place& place, uint32_t bytes, uint32_t carried, Time now) noexcept {
  close(place, {.reason = ByeUnit::Reason::kSize, .answer = true, .ours = bytes, .theirs = carried}, now);
}

/// A frame of the session came by one of its paths.
void Endpoint::Impl::on_heard(Place& place, WayTo& way, const Came& came) noexcept {
  // Of a datagram's headers the MAC address is the last router's, and another router may take over.
  if (!place.dialled && way.address.udp != 0) way.to = came.from;
  way.heard = place.heard = came.now;
  if (!way.answered) {
    way.answered = true;
    way.sizes.begin(std::min(way.allowed, way.peer_allows), 0, came.now, way.hint);
    place.control_due = 0;
  }
  if (place.state == State::kOpening) confirm(place, came.address, came.now);
  if (place.state != State::kAway) return;
  place.state = State::kOpen;
  place.timer_due = 0;
  sink_.on_away(place.id, false);
}

/// Says BYE until that is answered. What has not arrived is given up at once.
void Endpoint::Impl::close(Place& place, const ByeUnit& bye, Time now) noexcept {
  if (place.state == State::kClosing) return;
  place.bye = bye;
  if (place.state == State::kOpening) return end(place, place.farewell());  // the peer has nothing to forget
  give_up(place);
  place.receiver.answer_all(now);
  place.state = State::kClosing;
  place.gap_count = 0;
  place.bye_at = now;
  place.bye_until = now + config_.farewell;
  place.timer_due = 0;
  share_room();
  touch(place);
}

void Endpoint::Impl::on_bye(Place& place, const Came& came, const ByeUnit& bye) noexcept {
  if (bye.answer) say_bye_aside(came.from, place.peer_number, {.reason = bye.reason});
  if (place.state == State::kClosing) return end(place, place.farewell());
  if (!bye.answer && bye.reason == ByeUnit::Reason::kDone) return;  // answers a BYE of ours, and we have said none
  end(place, {.reason = bye.reason, .by_peer = true, .ours = bye.theirs, .theirs = bye.ours});
}

void Endpoint::Impl::give_up(Place& place) noexcept {
  place.sender.give_up();
  let_go_of(place.receiver.held(), place.receiver.held());
  place.receiver.give_up([this](uint64_t token) { sink_.on_released(token); });
}

void Endpoint::Impl::end(Place& place, const Ending& why) noexcept {
  const bool known = place.dialled || place.confirmed;  // of a session that never opened, its owner has not heard
  give_up(place);
  ended_.sender += place.sender.take_counters();
  ended_.receiver += place.receiver.take_counters();
  place.state = State::kFree;
  place.due = kNever;
  share_room();
  if (!known) return;
  ++counters_.closed;
  sink_.on_closed(place.id, why);
}

/// What each of so many sessions may have outstanding.
uint64_t Endpoint::Impl::share(int64_t sessions) const noexcept {
  const uint64_t most = config_.receiver.bytes;
  return (most - std::min(most, backlog_)) / static_cast<uint64_t>(std::max<int64_t>(sessions, 1));
}

/// What this process may still have outstanding is shared by its sessions.
void Endpoint::Impl::share_room() noexcept {
  const auto live = std::ranges::count_if(places_, [](const Place& p) { return p.live(); });
  // Where too much is outstanding already, nobody is granted more until that has become less.
  const uint64_t outstanding = std::max(config_.receiver.bytes - share(live), backlog_);
  for (Place& place : places_) {
    if (!place.live()) continue;
    place.receiver.on_backlog(outstanding, pressure_, now_);
    if (place.receiver.next_event() <= now_) touch(place);
  }
}

}  // namespace pfs::session
