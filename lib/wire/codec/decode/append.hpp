#pragma once

#include "base/descriptor.hpp"

namespace pfs::simd_detail {
namespace {  // each variant has its own copy: one that the linker shares could have AVX-512 in it

/// Adds a range of the blob to the table, or lengthens the last entry if the range continues it. False if the table is
/// full.
[[gnu::always_inline]] inline bool append_range(DescriptorTable& table, uint32_t first, uint64_t offset,
                                                uint64_t length) noexcept {
  if (table.count > first) {
    Descriptor& last = table.data[table.count - 1];
    if (last.space == 0 && last.offset + last.length == offset) {
      last.length += length;
      return true;
    }
  }
  if (table.count == table.capacity) return false;
  table.data[table.count++] = {offset, length, 0};
  return true;
}

}  // namespace
}  // namespace pfs::simd_detail
