#include "wire/denote.hpp"

#include <array>
#include <bit>

#include "simd/decode/decode.hpp"
#include "simd/unpack/unpack.hpp"

namespace pfs {
namespace {

/// Appends a range, merged into the frame's last one if it continues it.
Drop append(uint64_t offset, uint64_t length, Space space, DescriptorTable& table, uint32_t first) noexcept {
  if (table.count > first) {
    Descriptor& last = table.data[table.count - 1];
    if (last.space == static_cast<uint64_t>(space) && last.offset + last.length == offset) {
      last.length += length;
      return Drop::kNone;
    }
  }
  if (table.count == table.capacity) return Drop::kOverLimit;
  table.data[table.count++] = {offset, length, static_cast<uint64_t>(space)};
  return Drop::kNone;
}

/// run_geometry() without its division in the usual case: this is on the path of every 64-byte frame.
RunGeometry geometry_of(uint64_t base, uint32_t item, uint64_t size) noexcept {
  if (!std::has_single_bit(item)) return run_geometry(base, item, size);
  return {.base = base, .item = item, .limit = base > size ? 0 : (size - base) >> std::countr_zero(item)};
}

RunGeometry tier_geometry(Tier tier, const Layout& layout, bool prp, uint32_t key) noexcept {
  if (tier == Tier::kL1) return geometry_of(layout.l1, 1, layout.size);
  if (tier == Tier::kL2) return geometry_of(layout.l2, layout.word, layout.size);
  RunGeometry geometry = geometry_of(layout.l3, layout.block, layout.size);
  geometry.permuted = prp;
  geometry.key = key;
  return geometry;
}

}  // namespace

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
  std::array<uint64_t, kExtentsMax> deltas;
  std::array<uint64_t, kExtentsMax> lengths;
  // The first extent starts at base, as if the one before it had ended there with a delta that cancels the step.
  deltas[0] = 0 - unit.step;
  unpack(unit.deltas, unit.offset_bits, {deltas.data() + 1, unit.count - 1});
  unpack(unit.lengths, unit.length_bits, {lengths.data(), unit.count});

  uint64_t end = unit.base;
  for (uint32_t i = 0; i < unit.count; ++i) {
    const uint64_t offset = end + unit.step + deltas[i];
    const uint64_t length = unit.shortest + lengths[i];
    if (length == 0 || length >= uint64_t{1} << 32) return Drop::kBadExtents;
    if (!inside(offset, length, layout.size)) return Drop::kOutOfBounds;
    const Drop drop = append(offset, length, Space::kBlob, table, first);
    if (drop != Drop::kNone) return drop;
    end = offset + length;
  }
  return Drop::kNone;
}

Drop denote_literal(uint64_t slab_offset, uint64_t bytes, DescriptorTable& table, uint32_t first) noexcept {
  return append(slab_offset, bytes, Space::kSlab, table, first);
}

}  // namespace pfs
