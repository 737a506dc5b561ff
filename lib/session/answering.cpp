// How this end answers HELLO: with WELCOME, with a refusal, or with RETRY; and what a stranger can make it keep.

#include <algorithm>

#include "base/endian.hpp"
#include "session/impl.hpp"

namespace pfs::session {
namespace {

using Reason = ByeUnit::Reason;

/// The first number of two layouts that differs.
std::optional<ByeUnit> layout_disagreement(const Terms& ours, const Terms& theirs) noexcept {
  const Layout &a = ours.layout, &b = theirs.layout;
  for (const auto& [mine, other] : {std::pair<uint64_t, uint64_t>(a.size, b.size),
                                    {a.l1, b.l1},
                                    {a.l2, b.l2},
                                    {a.l3, b.l3},
                                    {a.word, b.word},
                                    {a.block, b.block},
                                    {ours.window_pow2, theirs.window_pow2}})
    if (mine != other) return ByeUnit{.reason = Reason::kLayout, .ours = mine, .theirs = other};
  return std::nullopt;
}

}  // namespace

std::optional<ByeUnit> Endpoint::Impl::disagreement(const Terms& theirs) const noexcept {
  const Terms& ours = config_.terms;
  if (ours.version != theirs.version)
    return ByeUnit{.reason = Reason::kVersion, .ours = ours.version, .theirs = theirs.version};
  if (const auto bye = layout_disagreement(ours, theirs)) return bye;
  if (ours.root != theirs.root)
    return ByeUnit{.reason = Reason::kRoot,
                   .ours = load_be<uint64_t>(ours.root.data()),
                   .theirs = load_be<uint64_t>(theirs.root.data())};
  return std::nullopt;
}

void Endpoint::Impl::on_hello(const Came& came, const Terms& hello) noexcept {
  ++counters_.hellos;
  const bool answerable = came.bytes >= kShortPayload && hello.path < config_.paths && hello.session != 0;
  // The cookie comes first: who claims addresses of others shall not use up what those others may ask.
  const bool proven = answerable && cookies_.holds(hello.cookie, came.address, hello.nonce, came.now);
  if (answerable && hello.cookie != 0 && !proven) ++counters_.cookies_refused;
  if (!answerable || !budget_of(proven ? proven_hellos_ : hellos_, came.address).take(came.now)) {
    ++counters_.hellos_ignored;
    return;
  }
  if (greet_again(came, hello)) return;
  // An old capture, or a frame that was very late; or a peer whose clock went back, who can answer.
  if (!proven && knows_newer_life(came.address, hello.boot)) return retry(came, hello);
  auto bye = disagreement(hello);
  if (!bye && !config_.accepts) bye = ByeUnit{.reason = Reason::kDenied};
  if (!bye && leaving_) bye = ByeUnit{.reason = Reason::kBusy};
  if (bye) return refuse(came, hello, *bye);
  Place* place = place_for(came, hello, proven);
  if (place == nullptr) return;
  begin(*place, false, came.now);
  place->proven = proven;
  place->nonce = hello.nonce;
  place->peer = hello;
  place->peer_number = hello.session;
  open_halves(*place);
  set_path(*place, came, hello);
}

/// True if the opening is known: HELLO was said again, or opens a further path of the session.
bool Endpoint::Impl::greet_again(const Came& came, const Terms& hello) noexcept {
  const auto same = [&](const Place& p) {
    return p.state != State::kFree && !p.dialled && p.nonce == hello.nonce && p.peer.boot == hello.boot &&
           p.peer_number == hello.session;
  };
  const auto place = std::ranges::find_if(places_, same);
  if (place == places_.end()) return false;
  const WayTo& way = place->paths[hello.path];
  const bool taken = way.used && way.address != came.address && came.now - way.heard < config_.silence;
  if (taken || place->state == State::kClosing)
    ++counters_.hellos_ignored;
  else
    set_path(*place, came, hello);
  return true;
}

/// The path by which HELLO came leads to its sender, and WELCOME is to leave by it.
void Endpoint::Impl::set_path(Place& place, const Came& came, const Terms& hello) noexcept {
  WayTo& way = place.paths[hello.path];
  if (!way.used || way.address != came.address) {
    if (way.usable) place.sender.remove_path(hello.path);
    way = {.used = true, .address = came.address, .timing = config_.timing, .heard = came.now};
  }
  way.to = came.from;
  way.allowed = std::min(came.payload, kMostPayload);
  way.peer_allows = hello.payload;
  way.welcome = std::max(std::min(came.bytes, way.allowed), kShortPayload);
  place.control_due = 0;
  touch(place);
}

bool Endpoint::Impl::knows_newer_life(const Address& address, uint64_t boot) const noexcept {
  return std::ranges::any_of(
      places_, [&](const Place& p) { return p.state != State::kFree && p.peer.boot > boot && p.leads_to(address); });
}

/// A place for the session that HELLO asks for. Without one, or without proof where proof is needed, HELLO has got its
/// answer and there is no place. Where all are taken, whoever has proven an address gets that of its own former life,
/// or else of who is half open, and only then of a session that is away and may come back.
Place* Endpoint::Impl::place_for(const Came& came, const Terms& hello, bool proven) noexcept {
  uint32_t half_open = 0, of_address = 0;
  Place *away = nullptr, *former = nullptr, *oldest = nullptr;
  const auto longer = [](const Place& p, const Place* than) { return than == nullptr || p.heard < than->heard; };
  for (Place& p : places_) {
    if (p.state == State::kFree) continue;
    const bool unproven = p.state == State::kOpening && !p.dialled && !p.proven;
    half_open += unproven;
    const bool here = p.leads_to(came.address);
    // A clock may go back between two lives; then the earlier one is known by its silence.
    const bool former_life =
        here && p.peer_number != 0 &&
        (p.peer.boot < hello.boot || (p.peer.boot > hello.boot && proven && p.state == State::kAway));
    of_address += here && !former_life;
    if (former_life) former = &p;
    if (p.state == State::kAway && longer(p, away)) away = &p;
    if (unproven && longer(p, oldest)) oldest = &p;
  }
  if (of_address >= std::max(config_.sessions / 2, 1u)) {
    refuse(came, hello, {.reason = Reason::kBusy, .ours = of_address});
    return nullptr;
  }
  Place* free = take_place();
  if (free != nullptr && (half_open < config_.half_open || proven)) return free;
  Place* victim = former != nullptr ? former : oldest != nullptr ? oldest : away;
  if (free == nullptr && victim == nullptr) {
    refuse(came, hello, {.reason = Reason::kBusy, .ours = config_.sessions});
    return nullptr;
  }
  if (!proven) {
    retry(came, hello);
    return nullptr;
  }
  end(*victim, {.reason = victim == former ? Reason::kRestarted : Reason::kSilent});
  return take_place();
}

void Endpoint::Impl::retry(const Came& came, const Terms& hello) noexcept {
  Aside* aside = next_aside();
  if (aside == nullptr) return;
  ++counters_.retries;
  *aside = {.kind = Aside::Kind::kRetry,
            .carry = {.session = hello.session, .path = hello.path},
            .to = came.from,
            .retry = {.opener = hello.session, .cookie = cookies_.make(came.address, hello.nonce, came.now)}};
}

void Endpoint::Impl::refuse(const Came& came, const Terms& hello, ByeUnit bye) noexcept {
  ++counters_.refused;
  bye.opener = hello.session;
  say_bye_aside(came.from, hello.session, bye);
  sink_.on_refused(came.from, bye);
}

/// The peer that was greeted receives where it says it is: it has sent this session's number back. Its former life, if
/// there was one, is over; HELLO alone, which anybody can repeat, has not ended it.
void Endpoint::Impl::confirm(Place& place, const Address& from, Time now) noexcept {
  for (Place& other : places_)
    if (other.state != State::kFree && other.peer_number != 0 && other.peer.boot < place.peer.boot &&
        other.leads_to(from)) {
      ++counters_.restarted;
      end(other, {.reason = Reason::kRestarted, .ours = other.peer.boot, .theirs = place.peer.boot});
    }
  place.confirmed = true;
  place.state = State::kOpen;
  place.timer_due = 0;
  place.heard = now;
  ++counters_.opened;
  share_room();
  sink_.on_open(place.id);
}

}  // namespace pfs::session
