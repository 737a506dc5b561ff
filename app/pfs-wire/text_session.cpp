#include "text_session.hpp"

#include <fmt/format.h>

#include "session_kinds.hpp"

namespace pfs {
namespace {

std::string to_text(bool value) { return value ? "yes" : "no"; }
std::string to_text(std::unsigned_integral auto value) { return std::to_string(value); }
std::string to_text(ByeUnit::Reason reason) { return name(reason); }
std::string to_text(const Sha256Digest& root) { return to_hex(root); }

/// The frames that a map says are here, as stretches: "9..12 15".
std::string stretches(const SackUnit& unit) {
  constexpr int kShown = 16;
  const uint32_t bits = unit.words * 64;
  const auto here = [&](uint32_t i) { return i < bits && (unit.map[i / 64] >> i % 64 & 1) != 0; };
  std::string text;
  int shown = 0;
  for (uint32_t i = 0; i < bits; ++i) {
    if (!here(i)) continue;
    if (shown++ == kShown) return text + " ...";
    const uint32_t from = i;
    while (here(i + 1)) ++i;
    text += fmt::format(" {}", unit.first + from);
    if (i > from) text += fmt::format("..{}", unit.first + i);
  }
  return text.empty() ? " none" : text;
}

template <class Unit>
std::string fields_text(Unit& unit) {
  std::string text;
  for_fields(unit, [&]<class Field>(const char* name, const Field& field) {
    if constexpr (!std::is_same_v<Field, SackMap>) text += fmt::format(", {} {}", name, to_text(field));
  });
  if constexpr (std::is_same_v<Unit, SackUnit>) text += fmt::format(", {} words, here{}", unit.words, stretches(unit));
  return text;
}

}  // namespace

std::string session_unit_text(uint8_t tag, std::span<const uint8_t> bytes) {
  std::string text;
  with_session_unit(tag, bytes, [&](const char* name, auto& unit) { text = name + fields_text(unit); });
  return text;
}

std::string session_verdict(Drop judged, const Carried& opened) {
  switch (judged) {
    case Drop::kNone:
      return "CRC holds";
    case Drop::kCrcMismatch:
      return "CRC DIFFERS from that of the bytes here";
    case Drop::kTruncated:
      return fmt::format("trimmed, {} of {} bytes of units are here, so that the CRC cannot be checked",
                         kCarryUnitBytes + (opened.frame.end - opened.frame.units), opened.frame.header.length);
    default:
      return fmt::format("CARRY cannot be read, {}", name(judged));
  }
}

}  // namespace pfs
