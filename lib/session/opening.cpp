// How this end opens a session: HELLO until WELCOME, or until a refusal after which there is no use in asking again.

#include <algorithm>

#include "session/impl.hpp"

namespace pfs::session {
namespace {

constexpr Time kBusyPause = transport::kSecond / 2;  // before a peer that had no place is asked again

}  // namespace

/// The place becomes that of a session of which nothing is known but its number.
void Endpoint::Impl::begin(Place& place, bool dialled, Time now) noexcept {
  place.state = State::kOpening;
  place.dialled = dialled;
  place.confirmed = place.proven = false;
  place.ask = 0;
  place.peer_number = 0;
  place.peer = {};
  place.first_grant = share(std::ranges::count_if(places_, [](const Place& p) { return p.state != State::kFree; }));
  place.began = place.heard = place.said = now;
  place.control_due = place.timer_due = 0;
  place.turn = 0;
  place.bye_at = place.bye_until = kNever;
  place.refusal = {.reason = ByeUnit::Reason::kSilent};
  place.gap_count = 0;
  place.arrived = 0;
  place.stuck_since = now;
  place.longest_ever = 0;
  std::ranges::fill(place.paths, WayTo{});
  touch(place);
}

SessionId Endpoint::Impl::dial(std::span<const PathConfig> paths, Time now) noexcept {
  Place* place = take_place();
  if (place == nullptr || paths.empty()) return kNoSession;
  begin(*place, true, now);
  place->nonce = cookies_.draw();
  for (const PathConfig& path : paths) add_path(*place, path, now);
  return place->id;
}

bool Endpoint::Impl::add_path(Place& place, const PathConfig& path, Time now) noexcept {
  if (!place.dialled || place.state == State::kClosing) return false;
  // A number that was never used is best: the peer may still have the old path of a number that was.
  auto way = std::ranges::find_if(place.paths, [](const WayTo& w) { return !w.used && w.address == Address{}; });
  if (way == place.paths.end()) way = std::ranges::find(place.paths, false, &WayTo::used);
  if (way == place.paths.end()) return false;
  *way = {.used = true,
          .to = path.to,
          .address = address_of(path.to),
          .allowed = std::min(path.payload, kMostPayload),
          .timing = path.timing,
          .heard = now,
          .hello_at = now};
  place.control_due = 0;
  touch(place);
  return true;
}

void Endpoint::Impl::remove_path(Place& place, uint8_t path, Time now) noexcept {
  WayTo& way = place.paths[path];
  if (way.usable) place.sender.remove_path(path);
  way = {.address = way.address, .heard = now};
  close_if_stranded(place, now);
  touch(place);
}

bool Endpoint::Impl::hint(const Address& to, uint32_t payload, Time now) noexcept {
  bool tried = false;
  for (Place& place : places_) {
    if (place.state == State::kFree || place.state == State::kClosing) continue;
    for (WayTo& way : place.paths) {
      if (!way.used || way.address != to || !hint(way, place.dialled, payload, now)) continue;
      tried = true;
      place.control_due = 0;
      touch(place);
    }
  }
  ++(tried ? counters_.hints : counters_.hints_ignored);
  return tried;
}

bool Endpoint::Impl::hint(WayTo& way, bool dialled, uint32_t payload, Time now) noexcept {
  if (way.answered) return way.sizes.doubt(payload, now);
  if (way.hint != 0 || payload < kLeastPayload || payload >= way.allowed) return false;
  way.hint = payload;
  if (dialled) way.hello_at = now;
  return true;
}

/// Both ends know one another's terms.
void Endpoint::Impl::open_halves(Place& place) noexcept {
  const Terms ours = terms(place, 0);
  const uint32_t streams = std::min(ours.streams, place.peer.streams);
  place.sender.reset({.streams = streams, .frames = place.peer.frames, .bytes = place.peer.bytes});
  place.receiver.reset({.streams = streams, .frames = ours.frames, .bytes = ours.bytes});
}

void Endpoint::Impl::on_welcome(Place& place, const Came& came, const WelcomeUnit& welcome) noexcept {
  const uint8_t index = came.carried.carry.path;
  if (!place.dialled || place.state == State::kClosing || welcome.opener != place.id || index >= place.paths.size())
    return;
  WayTo& way = place.paths[index];
  const bool ours = way.used && !way.answered && (way.address == came.address || is_group(way.to));
  const bool first = place.state == State::kOpening;
  if (!ours || welcome.terms.nonce != place.nonce || welcome.terms.session == 0 ||
      (!first && welcome.terms.session != place.peer_number))
    return;
  if (first) {
    place.peer = welcome.terms;
    place.peer_number = welcome.terms.session;
    if (const auto bye = disagreement(welcome.terms)) {
      say_bye_aside(came.from, place.peer_number, *bye);
      return end(place, {.reason = bye->reason, .ours = bye->ours, .theirs = bye->theirs});
    }
  }
  way.answered = true;
  if (is_group(way.to)) way.to = came.from;
  way.address = came.address;
  way.peer_allows = welcome.terms.payload;
  way.hello_at = kNever;
  way.heard = place.heard = came.now;
  way.probe_answer = came.bytes;
  // WELCOME is as long as the HELLO that it answers, if the peer's port allows: both directions have carried as much.
  way.sizes.begin(std::min(way.allowed, way.peer_allows), came.bytes, came.now, way.hint);
  place.control_due = place.timer_due = 0;
  touch(place);
  if (first) {
    place.state = State::kOpen;
    open_halves(place);
    ++counters_.opened;
    share_room();
  }
  on_measured(place, index, came.now);
  if (first) sink_.on_open(place.id);
}

void Endpoint::Impl::on_retry(Place& place, const Came& came, const RetryUnit& retry) noexcept {
  const uint8_t index = came.carried.carry.path;
  if (!place.dialled || retry.opener != place.id || index >= place.paths.size()) return;
  WayTo& way = place.paths[index];
  const bool ours = way.used && !way.answered && (way.address == came.address || is_group(way.to));
  if (!ours || way.cookie == retry.cookie) return;  // a cookie that did not help is no reason to hurry
  way.cookie = retry.cookie;
  way.hello_at = came.now;
  place.control_due = 0;
  touch(place);
}

void Endpoint::Impl::on_refusal(Place& place, const ByeUnit& bye, Time now) noexcept {
  const Ending why{.reason = bye.reason, .by_peer = true, .ours = bye.theirs, .theirs = bye.ours};
  if (bye.reason != ByeUnit::Reason::kBusy) {
    ++counters_.refused;
    return end(place, why);
  }
  place.refusal = why;
  for (WayTo& way : place.paths)
    if (way.used && !way.answered) way.hello_at = now + kBusyPause;
  place.control_due = 0;
  touch(place);
}

/// What is known of the path's payload has changed.
void Endpoint::Impl::on_measured(Place& place, uint8_t path, Time now) noexcept {
  WayTo& way = place.paths[path];
  const uint32_t most = way.sizes.usable();
  if (most != 0) {
    if (!way.usable) {
      place.sender.add_path(path, way.timing, now);
      place.ask |= 1u << path;  // its answer gives the path's round trip before the first frame needs that
    }
    place.sender.set_most(path, most + kFrameOverhead);
    way.usable = true;
    place.longest_ever = std::max(place.longest_ever, most);
    touch(place);
    close_if_stranded(place, now);
  } else if (way.sizes.hopeless()) {
    const auto still_hopes = [](const WayTo& w) { return w.used && !w.sizes.hopeless(); };
    const ByeUnit bye{
        .reason = ByeUnit::Reason::kSize, .answer = true, .ours = way.sizes.target(), .theirs = way.sizes.proven()};
    if (std::ranges::none_of(place.paths, still_hopes)) {
      close(place, bye, now);
    } else if (way.usable) {  // what was on its way there goes by the others
      place.sender.remove_path(path);
      way.usable = false;
    }
  }
}

}  // namespace pfs::session
