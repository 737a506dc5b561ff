#pragma once

#include <cstdint>
#include <span>

#include "base/descriptor.hpp"
#include "simd/loop.hpp"

namespace pfs {

/// How the references of one run become byte ranges of the blob: reference r is `item` bytes at base + r * item.
struct RunGeometry {
  uint64_t base = 0;
  uint64_t item = 1;      ///< bytes, at least 1
  uint64_t limit = 0;     ///< references below this lie inside the blob; the rest are out of bounds
  uint32_t key = 0;       ///< key of the permutation
  bool permuted = false;  ///< 32-bit references go through prp32() first
};

/// The geometry of a tier whose items of `item` bytes start at `base` in a blob of `size` bytes. No sum can wrap.
constexpr RunGeometry run_geometry(uint64_t base, uint64_t item, uint64_t size) noexcept {
  return {.base = base, .item = item, .limit = base > size ? 0 : (size - base) / item};
}

enum class RunFault : uint8_t { kNone, kOutOfBounds, kFull };

/// Decodes `count` big-endian references of one width (1, 2 or 4 bytes) behind table.data[table.count]; a range that
/// starts where the one before it ended is merged into it, but never into an entry before `first`. References are
/// judged in order and the first fault is named. After a fault table.count means nothing, and the entries before
/// `first` are as they were.
using DecodeFunction = RunFault(const uint8_t* references, uint32_t count, const RunGeometry& geometry,
                                DescriptorTable& table, uint32_t first) noexcept;

extern Loop<DecodeFunction> decode1;
extern Loop<DecodeFunction> decode2;
extern Loop<DecodeFunction> decode4;

/// By `width_pow2`: 0, 1, 2 for references of 1, 2, 4 bytes.
constexpr Loop<DecodeFunction>* kDecodeLoops[] = {&decode1, &decode2, &decode4};

inline RunFault decode_run(uint32_t width_pow2, const uint8_t* references, uint32_t count, const RunGeometry& geometry,
                           DescriptorTable& table, uint32_t first) noexcept {
  return (*kDecodeLoops[width_pow2])(references, count, geometry, table, first);
}

}  // namespace pfs
