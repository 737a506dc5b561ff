#pragma once

#include <cstdint>
#include <span>

#include "base/descriptor.hpp"
#include "simd/loop.hpp"

namespace pfs {

constexpr uint64_t kCrcLine = 64;       ///< bytes
constexpr uint64_t kCrcRangeMax = 512;  ///< bytes of a range; longer ones, ISA-L reads where they lie as fast

/// CRC-32C over scattered ranges of whole lines, read where they lie: no library reads but what is contiguous, and
/// laying lines side by side for it takes twice as long as the CRC. Takes ranges from the table's beginning while their
/// lengths are multiples of kCrcLine, up to kCrcRangeMax; returns how many. `state` goes on as ISA-L's crc32_iscsi has
/// it: inverted neither on the way in nor out. Bounds are the caller's: every descriptor lies inside `blob` or `slab`.
using Crc32cLinesFunction = size_t(uint32_t& state, std::span<const Descriptor> table, const uint8_t* blob,
                                   const uint8_t* slab) noexcept;

/// True if the variant in force is not the scalar one, which is slower than any other way.
bool crc32c_lines_pay() noexcept;

namespace simd_detail {
Crc32cLinesFunction crc32c_lines_scalar;
Crc32cLinesFunction crc32c_lines_avx512;

inline bool whole_lines(const Descriptor& range) noexcept {
  return range.length % kCrcLine == 0 && range.length - 1 < kCrcRangeMax;  // and not 0
}
}  // namespace simd_detail

extern Loop<Crc32cLinesFunction> crc32c_lines;

}  // namespace pfs
