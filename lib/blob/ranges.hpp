#pragma once

#include <cstdint>
#include <span>

#include "base/descriptor.hpp"

namespace pfs {

// Descriptors to look ahead; far enough for a DRAM read (about 100 ns) to be over before the line is wanted, near
// enough that the lines are still in L1 then (bench/README.md, what was tried).
constexpr uint32_t kPrefetchAhead = 16;

/// Asks for the first two lines of a range; the hardware streams the rest once it sees them. The function is always
/// inline, for the reason that prefetch_into_l2() gives.
[[gnu::always_inline]] inline void prefetch_range(const Descriptor& descriptor, const uint8_t* blob,
                                                  const uint8_t* slab) noexcept {
  const uint8_t* at = (descriptor.in_blob() ? blob : slab) + descriptor.offset;
  __builtin_prefetch(at);
  if (descriptor.length > 64) __builtin_prefetch(at + 64);
}

/// Calls visit(const uint8_t* data, uint64_t bytes) for each range that `table` denotes, in order. The caller has made
/// sure that every descriptor lies inside `blob` or `slab`.
template <class Visit>
void for_each_range(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* slab,
                    Visit&& visit) noexcept {
  const size_t count = table.size();
  for (size_t i = 0; i < count && i < kPrefetchAhead; ++i) prefetch_range(table[i], blob, slab);
  for (size_t i = 0; i < count; ++i) {
    if (i + kPrefetchAhead < count) prefetch_range(table[i + kPrefetchAhead], blob, slab);
    const Descriptor& descriptor = table[i];
    visit((descriptor.in_blob() ? blob : slab) + descriptor.offset, static_cast<uint64_t>(descriptor.length));
  }
}

}  // namespace pfs
