#pragma once

#include <cstdint>
#include <span>

#include "simd/variant.hpp"

namespace pfs {

using SumU8Function = uint64_t(const uint8_t* data, uint64_t bytes) noexcept;

/// The variants this build has, scalar first.
std::span<const Variant<SumU8Function>> sum_u8_variants() noexcept;

namespace simd_detail {
extern Chosen<SumU8Function> sum_u8;
uint64_t sum_u8_scalar(const uint8_t* data, uint64_t bytes) noexcept;
uint64_t sum_u8_avx2(const uint8_t* data, uint64_t bytes) noexcept;
uint64_t sum_u8_avx512(const uint8_t* data, uint64_t bytes) noexcept;
}  // namespace simd_detail

/// The sum of `bytes` bytes at `data`, modulo 2^64.
inline uint64_t sum_u8(const uint8_t* data, uint64_t bytes) noexcept {
  return simd_detail::sum_u8.load(std::memory_order_relaxed)(data, bytes);
}

}  // namespace pfs
