#pragma once

#include <cstdint>
#include <span>

#include "simd/variant.hpp"

namespace pfs {

using SumU64Function = uint64_t(const uint8_t* data, uint64_t bytes) noexcept;

/// The variants this build has, scalar first.
std::span<const Variant<SumU64Function>> sum_u64_variants() noexcept;

namespace simd_detail {
extern Chosen<SumU64Function> sum_u64;
uint64_t sum_u64_scalar(const uint8_t* data, uint64_t bytes) noexcept;
uint64_t sum_u64_avx2(const uint8_t* data, uint64_t bytes) noexcept;
uint64_t sum_u64_avx512(const uint8_t* data, uint64_t bytes) noexcept;
}  // namespace simd_detail

/// The sum of the little-endian u64 values at `data`, modulo 2^64. `bytes` is a multiple of 8; no alignment is needed.
inline uint64_t sum_u64(const uint8_t* data, uint64_t bytes) noexcept {
  return simd_detail::sum_u64.load(std::memory_order_relaxed)(data, bytes);
}

}  // namespace pfs
