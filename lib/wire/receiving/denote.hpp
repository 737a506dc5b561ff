#pragma once

#include <cstdint>

#include "base/descriptor.hpp"
#include "blob/layout.hpp"
#include "wire/codec/decode/decode.hpp"
#include "wire/drop.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// How a tier's references become ranges. With `prp`, L3 references are permuted by `key` (WIRE.md section 1).
RunGeometry tier_geometry(Tier tier, const Layout& layout, bool prp, uint32_t key) noexcept;

/// Turns the references of a run into descriptors behind table.data[table.count]. A descriptor that starts where the
/// one before it ended is merged into that one, but never into an entry before `first` (the table's count when the
/// frame began). Returns kNone; kOutOfBounds; or kOverLimit when the table is full. On a fault the caller restores
/// table.count; nothing before `first` has changed. `prp` and `key` are as for tier_geometry().
Drop denote_run(Tier tier, const uint8_t* references, uint32_t count, const Layout& layout, bool prp, uint32_t key,
                DescriptorTable& table, uint32_t first) noexcept;

/// Does the same for the ranges of EXTENTS. Returns kBadExtents, too, for an extent of no bytes or of 2^32 and more.
Drop denote_extents(const ExtentsUnit& unit, const Layout& layout, DescriptorTable& table, uint32_t first) noexcept;

/// Does the same for a literal of `bytes` (> 0) that lies at `slab_offset` in the gram's slab.
Drop denote_literal(uint64_t slab_offset, uint64_t bytes, DescriptorTable& table, uint32_t first) noexcept;

}  // namespace pfs
