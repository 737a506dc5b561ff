#pragma once

#include <cstdint>
#include <span>

#include "simd/variant.hpp"

namespace pfs {

using AddImm8Function = void(uint8_t* data, uint64_t bytes, uint8_t value) noexcept;

/// The variants this build has, scalar first.
std::span<const Variant<AddImm8Function>> add_imm8_variants() noexcept;

namespace simd_detail {
extern Chosen<AddImm8Function> add_imm8;
void add_imm8_scalar(uint8_t* data, uint64_t bytes, uint8_t value) noexcept;
void add_imm8_avx2(uint8_t* data, uint64_t bytes, uint8_t value) noexcept;
void add_imm8_avx512(uint8_t* data, uint64_t bytes, uint8_t value) noexcept;
}  // namespace simd_detail

/// Each of `bytes` bytes at `data` becomes itself plus `value` modulo 256, in place.
inline void add_imm8(uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  simd_detail::add_imm8.load(std::memory_order_relaxed)(data, bytes, value);
}

}  // namespace pfs
