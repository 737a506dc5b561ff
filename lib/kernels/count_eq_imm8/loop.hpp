#pragma once

#include <cstdint>
#include <span>

#include "simd/variant.hpp"

namespace pfs {

using CountEqFunction = uint64_t(const uint8_t* data, uint64_t bytes, uint8_t value) noexcept;

/// The variants this build has, scalar first.
std::span<const Variant<CountEqFunction>> count_eq_variants() noexcept;

namespace simd_detail {
extern Chosen<CountEqFunction> count_eq;
uint64_t count_eq_scalar(const uint8_t* data, uint64_t bytes, uint8_t value) noexcept;
uint64_t count_eq_avx2(const uint8_t* data, uint64_t bytes, uint8_t value) noexcept;
uint64_t count_eq_avx512(const uint8_t* data, uint64_t bytes, uint8_t value) noexcept;
}  // namespace simd_detail

/// How many of `bytes` bytes at `data` equal `value`.
inline uint64_t count_eq(const uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  return simd_detail::count_eq.load(std::memory_order_relaxed)(data, bytes, value);
}

}  // namespace pfs
