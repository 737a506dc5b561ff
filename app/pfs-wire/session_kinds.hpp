#pragma once

#include <span>
#include <tuple>

#include "wire/sending/writer.hpp"
#include "wire/session_units.hpp"

namespace pfs {

/// A unit of sessions (WIRE.md, section 8): its tag and name, and how it is read and written.
template <class Unit>
struct SessionKind {
  uint8_t tag;
  const char* name;
  bool (*read)(std::span<const uint8_t>, Unit&) noexcept;
  bool (UnitWriter::*write)(const Unit&) noexcept;
};

constexpr std::tuple kSessionKinds = {
    SessionKind<CarryUnit>{kCarryTag, "CARRY", read_carry, &UnitWriter::carry},
    SessionKind<SackUnit>{kSackTag, "SACK", read_sack, &UnitWriter::sack},
    SessionKind<Terms>{kHelloTag, "HELLO", read_hello, &UnitWriter::hello},
    SessionKind<WelcomeUnit>{kWelcomeTag, "WELCOME", read_welcome, &UnitWriter::welcome},
    SessionKind<ByeUnit>{kByeTag, "BYE", read_bye, &UnitWriter::bye},
    SessionKind<RetryUnit>{kRetryTag, "RETRY", read_retry, &UnitWriter::retry},
    SessionKind<ProbeUnit>{kProbeTag, "PROBE", read_probe, &UnitWriter::probe}};

/// Calls take(kind) for each kind of unit until one call returns true; whether one did.
template <class Take>
bool any_session_kind(Take take) {
  return std::apply([&](const auto&... kind) { return (take(kind) || ...); }, kSessionKinds);
}

/// Calls take(name, unit) if `bytes`, which stand behind tag and length, are a unit of sessions in its exact form;
/// whether they are.
template <class Take>
bool with_session_unit(uint8_t tag, std::span<const uint8_t> bytes, Take take) {
  return any_session_kind([&]<class Unit>(const SessionKind<Unit>& kind) {
    Unit unit;
    if (kind.tag != tag || !kind.read(bytes, unit)) return false;
    take(kind.name, unit);
    return true;
  });
}

/// The map of a SACK and how many of its words are used, as one field.
struct SackMap {
  uint32_t& words;
  std::array<uint64_t, kSackWordsMax>& map;
};

// The fields of each unit in the order of the wire: to(name, field). JSON in both directions and text go by these
// lists, so that a field has the same name in all of them.

template <class To>
void for_fields(CarryUnit& unit, To to) {
  to("session", unit.session);
  to("sequenced", unit.sequenced);
  to("ping", unit.ping);
  to("path", unit.path);
  to("stamp", unit.stamp);
  to("denoted", unit.denoted);
}

template <class To>
void for_fields(SackUnit& unit, To to) {
  to("stream", unit.stream);
  to("path", unit.path);
  to("pressure", unit.pressure);
  to("next", unit.next);
  to("frames", unit.frames);
  to("bytes", unit.bytes);
  to("stamp", unit.stamp);
  to("held", unit.held);
  to("first", unit.first);
  to("map", SackMap{unit.words, unit.map});
}

template <class To>
void for_fields(Terms& unit, To to) {
  to("version", unit.version);
  to("digest", unit.digest);
  to("window_pow2", unit.window_pow2);
  to("path", unit.path);
  to("boot", unit.boot);
  to("root", unit.root);
  to("size", unit.layout.size);
  to("l1", unit.layout.l1);
  to("l2", unit.layout.l2);
  to("l3", unit.layout.l3);
  to("word", unit.layout.word);
  to("block", unit.layout.block);
  to("streams", unit.streams);
  to("payload", unit.payload);
  to("frames", unit.frames);
  to("bytes", unit.bytes);
  to("capabilities", unit.capabilities);
  to("session", unit.session);
  to("cookie", unit.cookie);
  to("nonce", unit.nonce);
}

template <class To>
void for_fields(WelcomeUnit& unit, To to) {
  for_fields(unit.terms, to);
  to("opener", unit.opener);
}

template <class To>
void for_fields(ByeUnit& unit, To to) {
  to("reason", unit.reason);
  to("answer", unit.answer);
  to("opener", unit.opener);
  to("ours", unit.ours);
  to("theirs", unit.theirs);
}

template <class To>
void for_fields(RetryUnit& unit, To to) {
  to("opener", unit.opener);
  to("cookie", unit.cookie);
}

template <class To>
void for_fields(ProbeUnit& unit, To to) {
  to("answer", unit.answer);
  to("path", unit.path);
  to("bytes", unit.bytes);
}

}  // namespace pfs
