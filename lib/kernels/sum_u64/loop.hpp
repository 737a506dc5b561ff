#pragma once

#include <cstdint>

#include "simd/loop.hpp"

namespace pfs {

using SumU64Function = uint64_t(const uint8_t* data, uint64_t bytes) noexcept;

namespace simd_detail {
SumU64Function sum_u64_scalar;
SumU64Function sum_u64_avx2;
SumU64Function sum_u64_avx512;
}  // namespace simd_detail

/// The sum of the little-endian u64 values at `data`, modulo 2^64. `bytes` is a multiple of 8; no alignment is needed.
extern Loop<SumU64Function> sum_u64;

}  // namespace pfs
