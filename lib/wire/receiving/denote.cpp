#include "wire/receiving/denote.hpp"

#include <bit>

#include "wire/codec/extents/extents.hpp"

namespace pfs {
namespace {

/// Does what run_geometry() does, without a division in the usual case: every 64-byte frame comes this way.
RunGeometry geometry_of(uint64_t base, uint32_t item, uint64_t size) noexcept {
  if (!std::has_single_bit(item)) return run_geometry(base, item, size);
  return {.base = base, .item = item, .limit = base > size ? 0 : (size - base) >> std::countr_zero(item)};
}

}  // namespace

RunGeometry tier_geometry(Tier tier, const Layout& layout, bool prp, uint32_t key) noexcept {
  RunGeometry geometry = geometry_of(tier_base(tier, layout), item_bytes(tier, layout), layout.size);
  geometry.permuted = prp && tier == Tier::kL3;
  geometry.key = key;
  return geometry;
}

Drop denote_run(Tier tier, const uint8_t* references, uint32_t count, const Layout& layout, bool prp, uint32_t key,
                DescriptorTable& table, uint32_t first) noexcept {
  const RunGeometry geometry = tier_geometry(tier, layout, prp, key);
  switch (decode_run(static_cast<uint32_t>(tier), references, count, geometry, table, first)) {
    case RunFault::kNone:
      return Drop::kNone;
    case RunFault::kOutOfBounds:
      return Drop::kOutOfBounds;
    case RunFault::kFull:
      break;
  }
  return Drop::kOverLimit;
}

Drop denote_extents(const ExtentsUnit& unit, const Layout& layout, DescriptorTable& table, uint32_t first) noexcept {
  const PackedExtents extents{.count = unit.count,
                              .offset_bits = unit.offset_bits,
                              .length_bits = unit.length_bits,
                              .base = unit.base,
                              .step = unit.step,
                              .shortest = unit.shortest,
                              .deltas = unit.deltas,
                              .lengths = unit.lengths};
  switch (decode_extents(extents, layout.size, table, first)) {
    case ExtentsFault::kNone:
      return Drop::kNone;
    case ExtentsFault::kBadLength:
      return Drop::kBadExtents;
    case ExtentsFault::kOutOfBounds:
      return Drop::kOutOfBounds;
    case ExtentsFault::kFull:
      break;
  }
  return Drop::kOverLimit;
}

Drop denote_literal(uint64_t slab_offset, uint64_t bytes, DescriptorTable& table, uint32_t first) noexcept {
  return append_merged(table, first, slab_offset, bytes, Space::kSlab) ? Drop::kNone : Drop::kOverLimit;
}

}  // namespace pfs
