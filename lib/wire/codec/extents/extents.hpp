#pragma once

#include <cstdint>
#include <span>

#include "base/descriptor.hpp"
#include "simd/loop.hpp"

namespace pfs {

/// A packed list of ranges (WIRE.md, EXTENTS) before its items are judged. All sums are modulo 2^64.
struct PackedExtents {
  uint32_t count = 0;                ///< at least 1
  uint32_t offset_bits = 0;          ///< 0 to 64
  uint32_t length_bits = 0;          ///< 0 to 32
  uint64_t base = 0;                 ///< where the first range starts
  uint64_t step = 0;                 ///< range i > 0 starts at the end of the one before it + step + delta i - 1
  uint32_t shortest = 0;             ///< range i is `shortest` + length i bytes long
  std::span<const uint8_t> deltas;   ///< count - 1 values of offset_bits
  std::span<const uint8_t> lengths;  ///< count values of length_bits
};

enum class ExtentsFault : uint8_t { kNone, kBadLength, kOutOfBounds, kFull };

/// Appends the ranges to the table. A range that starts where the one before it ended is merged into that one, but
/// never into an entry before `first`. Ranges are judged in order and the first fault is named: a length of 0 or of
/// 2^32 and more, a range that does not lie inside `size` bytes, a full table. After a fault table.count means nothing,
/// and the entries before `first` are as they were.
using ExtentsFunction = ExtentsFault(const PackedExtents& extents, uint64_t size, DescriptorTable& table,
                                     uint32_t first) noexcept;

namespace simd_detail {
ExtentsFunction extents_scalar;
ExtentsFunction extents_avx2;
ExtentsFunction extents_avx512;
}  // namespace simd_detail

extern Loop<ExtentsFunction> decode_extents;

}  // namespace pfs
