#pragma once

#include <cstddef>
#include <span>

#include "base/descriptor.hpp"

namespace pfs::simd_detail {
namespace {  // each variant gets its own copy

/// Descriptors; far enough for a DRAM read to be over before its line is wanted.
constexpr size_t kGatherAhead = 24;
/// Lines of a range asked for ahead; behind them the hardware has seen where it goes.
constexpr uint64_t kLinesAhead = 4;

[[gnu::always_inline]] inline const uint8_t* start_of(const Descriptor& descriptor, const uint8_t* blob,
                                                      const uint8_t* slab) noexcept {
  return (descriptor.in_blob() ? blob : slab) + descriptor.offset;
}

[[gnu::always_inline]] inline void prefetch_start(const Descriptor& descriptor, const uint8_t* blob,
                                                  const uint8_t* slab) noexcept {
  const uint8_t* at = start_of(descriptor, blob, slab);
  const uint64_t bytes = descriptor.length < kLinesAhead * 64 ? descriptor.length : kLinesAhead * 64;
  for (uint64_t line = 0; line < bytes; line += 64) __builtin_prefetch(at + line);
}

/// Calls copy(from, bytes) for each range, with the first lines of later ones on their way.
template <class Copy>
[[gnu::always_inline]] inline void for_each_ahead(std::span<const Descriptor> table, const uint8_t* blob,
                                                  const uint8_t* slab, Copy copy) noexcept {
  const size_t count = table.size();
  for (size_t i = 0; i < count && i < kGatherAhead; ++i) prefetch_start(table[i], blob, slab);
  for (size_t i = 0; i < count; ++i) {
    if (i + kGatherAhead < count) prefetch_start(table[i + kGatherAhead], blob, slab);
    copy(start_of(table[i], blob, slab), static_cast<uint64_t>(table[i].length));
  }
}

}  // namespace
}  // namespace pfs::simd_detail
