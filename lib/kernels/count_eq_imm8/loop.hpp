#pragma once

#include <cstdint>

#include "simd/loop.hpp"

namespace pfs {

using CountEqFunction = uint64_t(const uint8_t* data, uint64_t bytes, uint8_t value) noexcept;

namespace simd_detail {
uint64_t count_eq_scalar(const uint8_t* data, uint64_t bytes, uint8_t value) noexcept;
uint64_t count_eq_avx2(const uint8_t* data, uint64_t bytes, uint8_t value) noexcept;
uint64_t count_eq_avx512(const uint8_t* data, uint64_t bytes, uint8_t value) noexcept;
}  // namespace simd_detail

/// How many of `bytes` bytes at `data` equal `value`.
extern Loop<CountEqFunction> count_eq;

}  // namespace pfs
