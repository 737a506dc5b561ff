#pragma once

#include <cstdint>

#include "base/descriptor.hpp"
#include "blob/layout.hpp"
#include "wire/codec/decode/decode.hpp"
#include "wire/drop.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// How a tier's references become ranges. `prp`: L3 references are permuted with `key` (WIRE.md section 1).
RunGeometry tier_geometry(Tier tier, const Layout& layout, bool prp, uint32_t key) noexcept;

/// Turns references into descriptors behind table.data[table.count]. A descriptor that starts where the one before it
/// ended is merged into it, but never into an entry before `first` (the table's count when the frame began).
/// Returns kNone, kOutOfBounds, kBadExtents, or kOverLimit when the table is full; on a fault the caller restores
/// table.count (and, having merged only behind `first`, nothing else has changed).

/// `prp`: L3 references are permuted with `key` (WIRE.md section 1).
Drop denote_run(Tier tier, const uint8_t* references, uint32_t count, const Layout& layout, bool prp, uint32_t key,
                DescriptorTable& table, uint32_t first) noexcept;

Drop denote_extents(const ExtentsUnit& unit, const Layout& layout, DescriptorTable& table, uint32_t first) noexcept;

/// A literal of `bytes` (> 0) that lies at `slab_offset` in the gram's slab.
Drop denote_literal(uint64_t slab_offset, uint64_t bytes, DescriptorTable& table, uint32_t first) noexcept;

}  // namespace pfs
