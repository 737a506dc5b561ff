#pragma once

#include <cstdint>

#include "simd/loop.hpp"

namespace pfs {

using SumU8Function = uint64_t(const uint8_t* data, uint64_t bytes) noexcept;

namespace simd_detail {
SumU8Function sum_u8_scalar;
SumU8Function sum_u8_avx2;
SumU8Function sum_u8_avx512;
}  // namespace simd_detail

/// The sum of `bytes` bytes at `data`, modulo 2^64.
extern Loop<SumU8Function> sum_u8;

}  // namespace pfs
