// What leaves: answers aside, then session after session.

#include <algorithm>
#include <bit>

#include "session/impl.hpp"

namespace pfs::session {
namespace {

constexpr uint32_t kTurn = 16;  // frames of one session before it is another's turn

}  // namespace

bool Endpoint::Impl::next(Time now, Outgoing& out) noexcept {
  now_ = now;
  // An answer to a stranger leaves every other time at most, while a session has something to say.
  aside_left_ = !aside_left_ && say_aside(out);
  if (aside_left_) return true;
  for (uint32_t looked = 0; looked <= places_.size(); ++looked) {
    Place& place = places_[turn_];
    if (taken_ < kTurn && place.due <= now && step(place, now, out)) {
      ++taken_;
      return true;
    }
    taken_ = 0;
    turn_ = turn_ + 1 == places_.size() ? 0 : turn_ + 1;
  }
  if (say_aside(out)) return true;
  due_ = kNever;
  for (const Place& place : places_) due_ = std::min(due_, place.due);
  return false;
}

/// One frame of the session, if one leaves now; otherwise the place says when it is to be looked at again.
bool Endpoint::Impl::step(Place& place, Time now, Outgoing& out) noexcept {
  if (place.state == State::kFree) {
    place.due = kNever;
    return false;
  }
  if (place.timer_due <= now) {
    on_timer(place, now);
    if (place.state == State::kFree) return false;
  }
  if (place.control_due <= now && say_control(place, now, out)) return true;
  if (place.peer_number != 0 && say_acks(place, now, out)) return true;
  if (place.state == State::kClosing && say_bye(place, now, out)) return true;
  if (place.live()) {
    place.sender.on_time(now);
    if (depart(place, now, out)) return true;
    if (place.ask != 0) {
      const auto path = static_cast<uint8_t>(std::countr_zero(place.ask));
      place.ask &= place.ask - 1;
      return say_ping(place, path, now, out);
    }
  }
  place.due = due_of(place, now);
  return false;
}

Time Endpoint::Impl::due_of(const Place& place, Time now) const noexcept {
  Time due = std::min(place.timer_due, place.control_due);
  if (place.peer_number != 0) due = std::min(due, place.receiver.next_event());
  if (place.live()) due = std::min(due, place.sender.next_event(now));
  return due;
}

bool Endpoint::Impl::depart(Place& place, Time now, Outgoing& out) noexcept {
  const auto departure = place.sender.depart(now);
  if (!departure) return false;
  if (departure->ping) return say_ping(place, departure->path, now, out);
  place.said = now;
  out = {.token = departure->token,
         .stream = departure->stream,
         .seq = departure->seq,
         .repair = departure->repair,
         .carry = carry(place, departure->path, now),
         .to = &place.paths[departure->path].to};
  out.carry.sequenced = true;
  out.carry.denoted = departure->denoted;
  return true;
}

/// A path for what may go by any: one that works, another one each time.
uint8_t Endpoint::Impl::best_path(Place& place) noexcept {
  const auto count = static_cast<uint8_t>(place.paths.size());
  std::optional<uint8_t> best;
  int worth = -1;
  for (uint8_t i = 0; i < count; ++i) {
    const auto at = static_cast<uint8_t>((place.turn + i) % count);
    const WayTo& way = place.paths[at];
    if (!way.used) continue;
    const int now_worth = way.usable ? (place.sender.path(at).dead() ? 2 : 3) : way.answered ? 1 : 0;
    if (now_worth <= worth) continue;
    worth = now_worth;
    best = at;
  }
  place.turn = static_cast<uint8_t>((best.value_or(0) + 1) % count);
  return best.value_or(0);
}

}  // namespace pfs::session
