#pragma once

#include <cstdint>

#include "base/descriptor.hpp"

namespace pfs::simd_detail {
namespace {  // each variant gets its own copy

// Bytes between what is asked for and what is read in turn. The hardware's own prefetching leaves about a fifth of what
// DRAM can give one core; this takes it (bench/simd, 1GiB), and costs nothing that shows where the data lie in L2.
constexpr uint64_t kBytesAhead = 1024;

[[gnu::always_inline]] inline const uint8_t* start_of(const Descriptor& descriptor, const uint8_t* blob,
                                                      const uint8_t* slab) noexcept {
  return (descriptor.in_blob() ? blob : slab) + descriptor.offset;
}

}  // namespace
}  // namespace pfs::simd_detail
