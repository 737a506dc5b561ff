// What becomes of a frame that came.

#include <algorithm>

#include "base/endian.hpp"
#include "session/impl.hpp"
#include "wire/receiving/walk.hpp"

namespace pfs::session {
namespace {

Arrival dropped(Drop fault) noexcept { return {.what = Arrival::What::kDrop, .fault = fault}; }
Arrival control(SessionId session) noexcept { return {.what = Arrival::What::kControl, .session = session}; }

/// Looks for the unit of one tag, which `read` takes apart.
template <class Unit>
struct Finder final : UnitVisitor {
  uint8_t wanted;
  bool (*read)(std::span<const uint8_t>, Unit&) noexcept;
  bool found = false;
  Unit unit;

  Finder(uint8_t tag, bool (*reader)(std::span<const uint8_t>, Unit&) noexcept) noexcept : wanted(tag), read(reader) {}
  Drop extension(uint8_t tag, std::span<const uint8_t> bytes) noexcept {
    if (tag != wanted || found) return Drop::kNone;
    found = read(bytes, unit);
    return found ? Drop::kNone : Drop::kBadUnit;
  }
};

template <class Unit>
bool find_unit(const Frame& frame, uint8_t tag, bool (*read)(std::span<const uint8_t>, Unit&) noexcept,
               Unit& out) noexcept {
  Finder<Unit> finder(tag, read);
  if (walk_units(frame.units, frame.end, false, false, finder) != Drop::kNone || !finder.found) return false;
  out = finder.unit;
  return true;
}

Drop fault_of(transport::Receiver::Verdict verdict) noexcept {
  using Verdict = transport::Receiver::Verdict;
  switch (verdict) {
    case Verdict::kDuplicate:
      return Drop::kDuplicate;
    case Verdict::kBeyond:
      return Drop::kOutOfWindow;
    case Verdict::kNoRoom:
      return Drop::kOverShare;
    default:
      return Drop::kUnknownStream;
  }
}

}  // namespace

Arrival Endpoint::Impl::on_frame(std::span<const uint8_t> frame, const ReplyPath& from, uint32_t payload,
                                 uint64_t token, Time now) noexcept {
  now_ = now;
  Carried carried;
  const Drop fault = open_carried(frame, carried);
  if (fault != Drop::kNone && fault != Drop::kTruncated) {
    ++counters_.corrupt;
    return dropped(fault);
  }
  const Came came{.carried = carried,
                  .from = from,
                  .address = address_of(from),
                  .payload = payload,
                  .bytes = kFrameHeaderBytes + carried.frame.header.length,
                  .now = now};
  if (fault == Drop::kTruncated) return on_trimmed(came);
  if (carried.carry.session == kNoSession) return on_stranger(came);
  Place* place = find(carried.carry.session);
  if (place == nullptr) {
    ++counters_.unknown_session;
    say_unknown(came);
    return dropped(Drop::kNoSession);
  }
  if (place->state == State::kOpening && place->dialled) return on_greeting(*place, came);
  WayTo* way = place->path_from(carried.carry.path, came.address);
  if (way == nullptr) {
    if (place->dialled && !carried.carry.sequenced) return on_greeting(*place, came);  // WELCOME of a further path
    ++counters_.unknown_session;
    return dropped(Drop::kNoSession);
  }
  if (place->dialled && !way->answered) return on_greeting(*place, came);
  on_heard(*place, *way, came);
  return carried.carry.sequenced ? on_sequenced(*place, came, token) : on_control(*place, *way, came);
}

/// A frame without a session's number: HELLO, or somebody who does not know a session of ours.
Arrival Endpoint::Impl::on_stranger(const Came& came) noexcept {
  Terms hello;
  if (find_unit(came.carried.frame, kHelloTag, read_hello, hello)) {
    on_hello(came, hello);
    return control(kNoSession);
  }
  ByeUnit bye;
  const bool names_one = find_unit(came.carried.frame, kByeTag, read_bye, bye) &&
                         bye.reason == ByeUnit::Reason::kUnknown && bye.theirs != kNoSession;
  if (!names_one) {
    ++counters_.unknown_session;
    return dropped(Drop::kNoSession);
  }
  for (Place& place : places_) {
    if (place.state == State::kFree || place.peer_number != bye.theirs || !place.leads_to(came.address)) continue;
    const SessionId id = place.id;
    const bool leaving = place.state == State::kClosing;
    end(place, leaving ? place.farewell() : Ending{.reason = bye.reason, .by_peer = true});
    return control(id);
  }
  ++counters_.unknown_session;
  return dropped(Drop::kNoSession);
}

/// What the dialling end gets on a path that is not open: WELCOME, RETRY or a refusal.
Arrival Endpoint::Impl::on_greeting(Place& place, const Came& came) noexcept {
  const Frame& frame = came.carried.frame;
  const SessionId id = place.id;
  WelcomeUnit welcome;
  RetryUnit retry;
  ByeUnit bye;
  const WayTo* way = place.path_from(came.carried.carry.path, came.address);
  if (find_unit(frame, kWelcomeTag, read_welcome, welcome)) {
    on_welcome(place, came, welcome);
  } else if (find_unit(frame, kRetryTag, read_retry, retry)) {
    on_retry(place, came, retry);
  } else if (find_unit(frame, kByeTag, read_bye, bye) && bye.opener == id && place.state == State::kOpening &&
             (way != nullptr || place.expects_any())) {
    on_refusal(place, bye, came.now);
  } else {
    ++counters_.unknown_session;
    return dropped(Drop::kNoSession);
  }
  return control(id);
}

/// The head of a frame whose end is missing. Nothing vouches for its bytes, so it can only cause an acknowledgement.
Arrival Endpoint::Impl::on_trimmed(const Came& came) noexcept {
  ++counters_.trimmed;
  const CarryUnit& carry = came.carried.carry;
  const FrameHeader& header = came.carried.frame.header;
  Place* place = find(carry.session);
  if (place != nullptr && place->live() && carry.sequenced && place->path_from(carry.path, came.address) != nullptr &&
      place->gap_count < place->gaps.size() && place->receiver.lacks(header.stream, header.seq) &&
      place->answers.take(came.now)) {
    place->gaps[place->gap_count++] = {.stream = header.stream, .seq = header.seq};
    place->receiver.answer(header.stream, came.now);
    touch(*place);
  }
  return dropped(Drop::kTruncated);
}

Arrival Endpoint::Impl::on_sequenced(Place& place, const Came& came, uint64_t token) noexcept {
  if (!place.live()) return dropped(Drop::kNoSession);
  const CarryUnit& carry = came.carried.carry;
  const FrameHeader& header = came.carried.frame.header;
  using Verdict = transport::Receiver::Verdict;
  const uint32_t held = place.receiver.held();
  const uint32_t own = own_places();
  const uint32_t common = config_.held - own * config_.sessions;
  place.receiver.limit_held(std::max(held, own) + common - common_);
  const Verdict verdict = place.receiver.on_frame({.stream = header.stream,
                                                   .path = carry.path,
                                                   .seq = header.seq,
                                                   .stamp = carry.stamp,
                                                   .denoted = carry.denoted,
                                                   .token = token},
                                                  came.now);
  touch(place);
  delivers_ = true;
  Arrival arrival{.session = place.id, .stream = header.stream};
  if (verdict == Verdict::kDeliver) {
    arrival.what = Arrival::What::kDeliver;
  } else if (verdict == Verdict::kHold) {
    arrival.what = Arrival::What::kHold;
    common_ += held >= own;
  } else {
    counters_.over_held += verdict == Verdict::kNoRoom && held < config_.receiver.held;
    arrival.fault = fault_of(verdict);
  }
  return arrival;
}

/// Takes the units of a control frame that belongs to an open session.
struct Endpoint::Impl::ControlVisitor final : UnitVisitor {
  Impl& impl;
  Place& place;
  WayTo& way;
  const Came& came;
  ByeUnit bye;
  bool has_bye = false;
  uint32_t nameable;  ///< frames that NACKs of this frame may still name: a window of them is looked at, and no more

  ControlVisitor(Impl& endpoint, Place& session, WayTo& path, const Came& frame) noexcept
      : impl(endpoint), place(session), way(path), came(frame), nameable(endpoint.config_.sender.stream_frames) {}

  Drop extension(uint8_t tag, std::span<const uint8_t> bytes) noexcept {
    if (tag == kSackTag) {
      SackUnit sack;
      if (!read_sack(bytes, sack)) return Drop::kBadUnit;
      place.sender.on_ack(ack_of(sack, came.now), came.now);
    } else if (tag == kProbeTag) {
      ProbeUnit probe;
      if (!read_probe(bytes, probe)) return Drop::kBadUnit;
      impl.on_probe(place, way, came, probe);
    } else if (tag == kByeTag) {
      if (!read_bye(bytes, bye)) return Drop::kBadUnit;
      has_bye = true;
    }
    return Drop::kNone;  // WELCOME said again, and extensions of later versions
  }
  Drop nack(const uint8_t* items, uint32_t count) noexcept {
    for (uint32_t i = 0; i < count && nameable != 0; ++i, items += 6) {
      const uint32_t frames = std::min(load_be<uint16_t>(items + 4) + 1u, nameable);
      nameable -= frames;
      place.sender.on_nack(came.carried.frame.header.stream, load_be<uint32_t>(items), frames, came.now);
    }
    return Drop::kNone;
  }
};

Arrival Endpoint::Impl::on_control(Place& place, WayTo& way, const Came& came) noexcept {
  const SessionId id = place.id;
  const uint64_t refused = place.sender.counters().acks_refused;
  ControlVisitor visitor(*this, place, way, came);
  if (came.carried.carry.ping && place.live() && place.answers.take(came.now))
    place.receiver.on_ping(came.carried.carry.path, came.carried.carry.stamp, came.now);
  const Frame& frame = came.carried.frame;
  const Drop fault = walk_units(frame.units, frame.end, false, false, visitor);
  counters_.acks_refused += place.sender.counters().acks_refused - refused;
  touch(place);
  if (fault != Drop::kNone) return dropped(fault);
  if (visitor.has_bye) on_bye(place, came, visitor.bye);
  return control(id);
}

void Endpoint::Impl::on_probe(Place& place, WayTo& way, const Came& came, const ProbeUnit& probe) noexcept {
  if (probe.path != came.carried.carry.path) return;
  if (probe.answer) {
    if (way.sizes.on_answer(probe.bytes)) on_measured(place, probe.path, came.now);
  } else if (place.answers.take(came.now)) {
    way.probe_answer = std::max(way.probe_answer, came.bytes);
  }
  place.control_due = 0;
}

/// Tells whoever sent the frame that its session is not here: not often, and in no more bytes than came.
void Endpoint::Impl::say_unknown(const Came& came) noexcept {
  if (came.bytes < kLeastControl || !budget_of(unknown_, came.address).take(came.now)) return;
  ByeUnit bye;
  // An answer to an answer would never end.
  if (!came.carried.carry.sequenced && find_unit(came.carried.frame, kByeTag, read_bye, bye) && !bye.answer) return;
  say_bye_aside(came.from, kNoSession, {.reason = ByeUnit::Reason::kUnknown, .theirs = came.carried.carry.session});
}

}  // namespace pfs::session
