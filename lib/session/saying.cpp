// The control frames of a session, and those to strangers.

#include <algorithm>
#include <tuple>
#include <utility>

#include "session/impl.hpp"

namespace pfs::session {
namespace {

constexpr Time kFirstHello = 50 * transport::kMillisecond;
constexpr Time kMostHello = transport::kSecond / 2;
constexpr uint32_t kLongHellos = 2;  // that go unanswered before short ones are tried
constexpr uint32_t kGapBytes = 8;    // 6 of each, and tag and count
constexpr uint32_t kSackMost = extension_bytes(kSackFixedBytes + 8 * kSackWordsMax);

}  // namespace

/// HELLO, WELCOME and PROBE of the session's paths.
bool Endpoint::Impl::say_control(Place& place, Time now, Outgoing& out) noexcept {
  Time due = kNever;
  const auto paths = static_cast<uint8_t>(place.paths.size());
  for (uint8_t i = 0; i < paths; ++i) {
    WayTo& way = place.paths[i];
    if (!way.used) continue;
    if (way.hello_at <= now) return say_hello(place, i, now, out);
    if (way.welcome != 0) return say_welcome(place, i, now, out);
    if (way.probe_answer != 0) {
      const uint32_t bytes = std::exchange(way.probe_answer, 0);
      return say_probe(place, i, {.answer = true, .path = i, .bytes = bytes}, now, out);
    }
    if (way.answered && place.live()) {
      uint32_t bytes = 0;
      if (way.sizes.next(now, bytes)) return say_probe(place, i, {.path = i, .bytes = bytes}, now, out);
      if (way.sizes.settles()) {
        on_measured(place, i, now);
        if (!place.live()) return false;
      }
      due = std::min(due, way.sizes.due());
    }
    due = std::min(due, way.hello_at);
  }
  place.control_due = due;
  return false;
}

Terms Endpoint::Impl::terms(const Place& place, uint8_t path) const noexcept {
  Terms terms = config_.terms;
  const auto streams = static_cast<uint16_t>(std::min(config_.sender.streams, config_.receiver.streams));
  terms.streams = terms.streams == 0 ? streams : std::min(terms.streams, streams);
  terms.path = path;
  terms.boot = config_.boot;
  terms.payload = place.paths[path].allowed;
  // All streams together come early with no more than may be held; the next frame of a stream is never early.
  const uint32_t held = std::min(config_.receiver.held, config_.held);
  terms.frames = std::clamp(held / std::max<uint32_t>(terms.streams, 1), 1u, config_.receiver.stream_frames);
  terms.bytes = place.first_grant;
  terms.session = place.id;
  terms.cookie = place.dialled ? place.paths[path].cookie : 0;
  terms.nonce = place.nonce;
  return terms;
}

CarryUnit Endpoint::Impl::carry(const Place& place, uint8_t path, Time now) const noexcept {
  return {.session = place.peer_number, .path = path, .stamp = stamp_of(now)};
}

void Endpoint::Impl::give(Place& place, uint8_t path, std::span<const uint8_t> payload, Time now,
                          Outgoing& out) noexcept {
  place.said = now;
  out = {.control = true, .payload = payload, .to = &place.paths[path].to};
}

bool Endpoint::Impl::say_hello(Place& place, uint8_t path, Time now, Outgoing& out) noexcept {
  WayTo& way = place.paths[path];
  const bool full = way.hellos < kLongHellos;
  way.hello_at = now + std::min(kFirstHello << std::min(way.hellos, 5u), kMostHello);
  ++way.hellos;
  const uint32_t most = way.hint != 0 ? way.hint : std::max(way.allowed, kShortPayload);
  frame_.begin(most).hello(terms(place, path));
  CarryUnit head = carry(place, path, now);
  head.session = kNoSession;  // a further path of an open session begins as the first one did
  give(place, path, frame_.finish(head, 0, full ? most : kShortPayload), now, out);
  return true;
}

bool Endpoint::Impl::say_welcome(Place& place, uint8_t path, Time now, Outgoing& out) noexcept {
  const uint32_t bytes = std::exchange(place.paths[path].welcome, 0);
  frame_.begin(bytes).welcome({.terms = terms(place, path), .opener = place.peer_number});
  give(place, path, frame_.finish(carry(place, path, now), 0, bytes), now, out);
  return true;
}

bool Endpoint::Impl::say_probe(Place& place, uint8_t path, const ProbeUnit& probe, Time now, Outgoing& out) noexcept {
  const uint32_t bytes = probe.answer ? kLeastControl : probe.bytes;
  frame_.begin(bytes).probe(probe);
  give(place, path, frame_.finish(carry(place, path, now), 0, bytes), now, out);
  return true;
}

bool Endpoint::Impl::say_ping(Place& place, uint8_t path, Time now, Outgoing& out) noexcept {
  frame_.begin(kLeastControl);
  CarryUnit head = carry(place, path, now);
  head.ping = true;
  give(place, path, frame_.finish(head), now, out);
  return true;
}

/// Acknowledgements that are due, as many as one frame takes, and the gaps that trimmed frames have proven.
bool Endpoint::Impl::say_acks(Place& place, Time now, Outgoing& out) noexcept {
  transport::Ack ack;
  uint8_t path = 0;
  uint32_t most = 0;
  UnitWriter* units = nullptr;
  const auto begin_frame = [&](uint8_t by) {
    path = by < place.paths.size() && place.paths[by].answered ? by : best_path(place);
    most = std::max(place.paths[path].sizes.usable(), kLeastPayload);
    units = &frame_.begin(most);
  };
  while ((units == nullptr || units->room() >= kSackMost) && place.receiver.next_ack(now, ack)) {
    if (units == nullptr) begin_frame(ack.path);
    SackUnit sack = sack_of(ack);
    // On a path of the least payload the end of a map may have no room: those frames count as lost, and are told then.
    sack.words = std::min(sack.words, (units->room() - extension_bytes(kSackFixedBytes)) / 8);
    units->sack(sack);
  }
  uint16_t stream = 0;
  if (place.gap_count != 0 && (units == nullptr || units->room() >= kGapBytes * place.gap_count)) {
    if (units == nullptr) begin_frame(best_path(place));
    stream = write_gaps(place, *units);
  }
  if (units == nullptr) return false;
  give(place, path, frame_.finish(carry(place, path, now), stream), now, out);
  return true;
}

/// Writes the gaps of one stream, which the frame's header names, and forgets them.
uint16_t Endpoint::Impl::write_gaps(Place& place, UnitWriter& units) noexcept {
  std::array<UnitWriter::Gap, std::tuple_size_v<decltype(place.gaps)>> found;
  uint32_t count = 0, kept = 0;
  const uint16_t stream = place.gaps[0].stream;
  for (uint32_t i = 0; i < place.gap_count; ++i) {
    const Gap gap = place.gaps[i];
    if (gap.stream == stream)
      found[count++] = {.first = gap.seq};
    else
      place.gaps[kept++] = gap;
  }
  place.gap_count = kept;
  units.nack(std::span(found).first(count));
  return stream;
}

bool Endpoint::Impl::say_bye(Place& place, Time now, Outgoing& out) noexcept {
  if (place.bye_at > now) return false;
  place.bye_at = now + std::max(config_.farewell / 8, Time{1});
  place.timer_due = std::min(place.bye_at, place.bye_until);
  const uint8_t path = best_path(place);
  frame_.begin(kLeastControl).bye(place.bye);
  give(place, path, frame_.finish(carry(place, path, now)), now, out);
  return true;
}

bool Endpoint::Impl::say_aside(Outgoing& out) noexcept {
  if (aside_count_ == 0) return false;
  Aside& aside = asides_[aside_first_];
  aside_first_ = (aside_first_ + 1) % asides_.size();
  --aside_count_;
  UnitWriter& units = frame_.begin(kLeastControl);
  if (aside.kind == Aside::Kind::kBye)
    units.bye(aside.bye);
  else
    units.retry(aside.retry);
  aside.carry.stamp = stamp_of(now_);
  // The place may be taken by another answer, but only after the next call.
  out = {.control = true, .payload = frame_.finish(aside.carry), .to = &aside.to};
  return true;
}

Aside* Endpoint::Impl::next_aside() noexcept {
  // One less than there are places: the last one that left may still be looked at.
  if (aside_count_ + 1 == asides_.size()) return nullptr;
  due_ = 0;
  return &asides_[(aside_first_ + aside_count_++) % asides_.size()];
}

void Endpoint::Impl::say_bye_aside(const ReplyPath& to, uint32_t number, const ByeUnit& bye) noexcept {
  if (Aside* aside = next_aside())
    *aside = {.kind = Aside::Kind::kBye, .carry = {.session = number}, .to = to, .bye = bye};
}

}  // namespace pfs::session
