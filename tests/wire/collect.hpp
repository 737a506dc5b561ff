#pragma once

#include <span>
#include <vector>

#include "wire/frame.hpp"
#include "wire/receiving/denote.hpp"
#include "wire/receiving/walk.hpp"

namespace pfs {

/// A visitor that denotes a whole frame into a table with room for `capacity` ranges, and notes what else it saw.
struct Collect {
  Collect(const Layout& layout, uint32_t capacity) : layout(layout), room(capacity) {
    table = {.data = room.data(), .count = 0, .capacity = capacity};
  }

  Drop run(Tier tier, const uint8_t* references, uint32_t count) noexcept {
    ++units;
    return denote_run(tier, references, count, layout, prp, key, table, 0);
  }
  Drop extents(const ExtentsUnit& unit) noexcept {
    ++units;
    return denote_extents(unit, layout, table, 0);
  }
  Drop literal(std::span<const uint8_t> bytes) noexcept {
    ++units;
    touch(bytes);
    if (bytes.empty()) return Drop::kNone;
    slab += bytes.size();
    return denote_literal(slab - bytes.size(), bytes.size(), table, 0);
  }
  Drop gram(const GramUnit& unit) noexcept { return ++units, last_gram = unit, Drop::kNone; }
  Drop gram_end(const GramEndUnit& unit) noexcept { return ++units, last_end = unit, Drop::kNone; }
  Drop result(const ResultUnit& unit) noexcept { return ++units, touch(unit.bytes), last_result = unit, Drop::kNone; }
  Drop extension(uint8_t tag, std::span<const uint8_t> bytes) noexcept {
    return ++units, touch(bytes), last_extension = tag, Drop::kNone;
  }
  Drop sync_mark(uint16_t window, bool has_crc, uint16_t crc) noexcept {
    return ++units, last_window = window, last_has_crc = has_crc, last_crc = crc, Drop::kNone;
  }
  Drop sync_ack(uint16_t window) noexcept { return ++units, last_window = window, Drop::kNone; }
  Drop ack(const AckUnit& unit) noexcept { return ++units, last_ack = unit, Drop::kNone; }
  Drop nack(const uint8_t* items, uint32_t count) noexcept {
    return ++units, touch({items, count * size_t{6}}), last_nack = count, Drop::kNone;
  }

  /// Reads every byte, so that a sanitizer sees a span that is too long.
  void touch(std::span<const uint8_t> bytes) noexcept {
    for (const uint8_t byte : bytes) sum += byte;
  }

  Layout layout;
  uint32_t key = 0;
  bool prp = false;
  std::vector<Descriptor> room;
  DescriptorTable table;
  uint64_t slab = 0;
  uint32_t units = 0;
  uint64_t sum = 0;
  GramUnit last_gram;
  GramEndUnit last_end;
  ResultUnit last_result;
  AckUnit last_ack;
  uint8_t last_extension = 0;
  uint16_t last_window = 0;
  bool last_has_crc = false;
  uint16_t last_crc = 0;
  uint32_t last_nack = 0;
};

/// Judges a payload as a receiver does; bare frames are read with CRC on, as in the vectors.
inline Drop collect(std::span<const uint8_t> payload, Frame& frame, Collect& into) noexcept {
  const Drop drop = read_frame(payload.data(), static_cast<uint32_t>(payload.size()), frame);
  if (drop != Drop::kNone) return drop;
  into.prp = !frame.bare && (frame.header.flags & kFlagPrp) != 0;
  const bool crc = frame.bare || (frame.header.flags & kFlagCrc) != 0;
  return walk_units(frame.units, frame.end, frame.bare, crc, into);
}

}  // namespace pfs
