#pragma once

#include <cstdint>

#include "simd/loop.hpp"

namespace pfs {

/// The least and the greatest byte so far. A MinMax as constructed has seen no byte at all.
struct MinMax {
  uint8_t min = 255;
  uint8_t max = 0;
};

using MinMaxU8Function = MinMax(const uint8_t* data, uint64_t bytes, MinMax so_far) noexcept;

namespace simd_detail {
MinMax min_max_u8_scalar(const uint8_t* data, uint64_t bytes, MinMax so_far) noexcept;
MinMax min_max_u8_avx2(const uint8_t* data, uint64_t bytes, MinMax so_far) noexcept;
MinMax min_max_u8_avx512(const uint8_t* data, uint64_t bytes, MinMax so_far) noexcept;
}  // namespace simd_detail

/// `so_far` widened by `bytes` bytes at `data`.
extern Loop<MinMaxU8Function> min_max_u8;

}  // namespace pfs
