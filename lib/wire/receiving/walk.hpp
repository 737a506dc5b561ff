#pragma once

#include <cstdint>
#include <span>

#include "wire/drop.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// The visitor that passes over every unit. A visitor derives from it and hides the members for the units it looks at;
/// nothing is virtual. Each member returns kNone to go on, or the fault that ends the walk.
struct UnitVisitor {
  Drop run(Tier, const uint8_t* /*references*/, uint32_t /*count*/) noexcept { return Drop::kNone; }
  Drop extents(const ExtentsUnit&) noexcept { return Drop::kNone; }
  Drop literal(std::span<const uint8_t>) noexcept { return Drop::kNone; }
  Drop gram(const GramUnit&) noexcept { return Drop::kNone; }
  Drop gram_end(const GramEndUnit&) noexcept { return Drop::kNone; }
  Drop result(const ResultUnit&) noexcept { return Drop::kNone; }
  Drop extension(uint8_t /*tag*/, std::span<const uint8_t>) noexcept { return Drop::kNone; }
  Drop sync_mark(uint16_t /*window*/, bool /*has_crc*/, uint16_t /*crc*/) noexcept { return Drop::kNone; }
  Drop sync_ack(uint16_t /*window*/) noexcept { return Drop::kNone; }
  Drop ack(const AckUnit&) noexcept { return Drop::kNone; }
  /// `items`: `count` times u32 first sequence number, u16 count - 1.
  Drop nack(const uint8_t* /*items*/, uint32_t /*count*/) noexcept { return Drop::kNone; }
};

/// Walks the units in [at, end) in order and hands each to `visitor`; stops at END, at the end, or at the first fault,
/// whose name it returns. The walk judges the grammar (tags, fixed fields, counts, room); the visitor judges what an
/// item denotes. `bare` frames may hold tier runs, END, SYNC_MARK and SYNC_ACK only. `crc` says that a SYNC_MARK has a
/// CRC. `Visitor` has the members of UnitVisitor.
template <class Visitor>
Drop walk_units(const uint8_t* at, const uint8_t* end, bool bare, bool crc, Visitor& visitor) noexcept;

/// True if [at, end) holds one run and nothing else, as most frames do; `run` is then that run.
bool read_lone_run(const uint8_t* at, const uint8_t* end, RunUnit& run) noexcept;

}  // namespace pfs

#include "wire/receiving/walk.inl"
