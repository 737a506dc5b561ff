#pragma once

#include <cstdint>

#include "base/descriptor.hpp"

namespace pfs::simd_detail {
namespace {  // each variant has its own copy

// Bytes between the line that is asked for and the line that is read. The hardware's own prefetching leaves unused
// about a fifth of what DRAM can give one core; asking so far ahead takes that fifth as well (bench/simd, 1GiB), and
// where the data lie in L2 the asking costs nothing that shows.
constexpr uint64_t kBytesAhead = 1024;

[[gnu::always_inline]] inline const uint8_t* start_of(const Descriptor& descriptor, const uint8_t* blob,
                                                      const uint8_t* slab) noexcept {
  return (descriptor.in_blob() ? blob : slab) + descriptor.offset;
}

}  // namespace
}  // namespace pfs::simd_detail
