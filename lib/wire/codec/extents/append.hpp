#pragma once

#include "wire/codec/extents/extents.hpp"

namespace pfs::simd_detail {
namespace {  // each variant has its own copy: a copy shared through the linker could be one with AVX-512 in it

/// Judges one range and appends it.
[[gnu::always_inline]] inline ExtentsFault append_extent(uint64_t offset, uint64_t length, uint64_t size,
                                                         DescriptorTable& table, uint32_t first) noexcept {
  if (length == 0 || length >> 32 != 0) return ExtentsFault::kBadLength;
  if (offset > size || length > size - offset) return ExtentsFault::kOutOfBounds;
  return append_merged(table, first, offset, length, Space::kBlob) ? ExtentsFault::kNone : ExtentsFault::kFull;
}

}  // namespace
}  // namespace pfs::simd_detail
