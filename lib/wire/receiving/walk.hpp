#pragma once

#include <cstdint>
#include <span>

#include "wire/drop.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// Walks the units in [at, end) in order and hands each to `visitor`; stops at END, at the end, or at the first fault,
/// whose name it returns. The grammar (tags, fixed fields, counts, room) is judged here, what an item denotes by the
/// visitor. `bare` frames may hold tier runs, END, SYNC_MARK and SYNC_ACK only. `crc`: a SYNC_MARK carries its CRC.
///
/// A visitor has these members, each returning Drop (kNone to go on) and each noexcept:
///   run(Tier, const uint8_t* references, uint32_t count)
///   extents(const ExtentsUnit&)            literal(std::span<const uint8_t>)
///   gram(const GramUnit&)                  gram_end(const GramEndUnit&)
///   result(const ResultUnit&)              extension(uint8_t tag, std::span<const uint8_t>)
///   sync_mark(uint16_t window, bool has_crc, uint16_t crc)
///   sync_ack(uint16_t window)              ack(const AckUnit&)
///   nack(const uint8_t* items, uint32_t count)   // count x (u32 first seq, u16 count - 1)
template <class Visitor>
Drop walk_units(const uint8_t* at, const uint8_t* end, bool bare, bool crc, Visitor& visitor) noexcept;

/// True if [at, end) holds one run and nothing else, which `run` becomes: the usual frame.
bool read_lone_run(const uint8_t* at, const uint8_t* end, RunUnit& run) noexcept;

}  // namespace pfs

#include "wire/receiving/walk.inl"
