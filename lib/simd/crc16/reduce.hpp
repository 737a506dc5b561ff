#pragma once

#include <immintrin.h>

#include "simd/crc16/constants.hpp"

// For the carry-less variants only: needs PCLMULQDQ. Anonymous, so that each variant has its own copy: one shared
// through the linker could be a copy with AVX-512 in it.
namespace pfs::simd_detail {
namespace {

/// (W * x^16) mod P, for a W of 64 bits: the CRC of 8 bytes. Barrett.
[[gnu::always_inline]] inline uint16_t reduce64(__m128i w) noexcept {
  const __m128i constants = _mm_set_epi64x(static_cast<int64_t>(kPolynomialLow), static_cast<int64_t>(kBarrett));
  const __m128i product = _mm_clmulepi64_si128(w, constants, 0x00);
  const __m128i quotient = _mm_xor_si128(_mm_srli_si128(product, 8), w);
  return static_cast<uint16_t>(_mm_cvtsi128_si32(_mm_clmulepi64_si128(quotient, constants, 0x10)));
}

/// The 64 bits that a V of 80 bits comes down to, in the low half.
[[gnu::always_inline]] inline __m128i reduce80_to_64(__m128i v) noexcept {
  const __m128i x64 = _mm_cvtsi64_si128(static_cast<int64_t>(kX64));
  return _mm_xor_si128(_mm_clmulepi64_si128(v, x64, 0x01), v);
}

/// reduce64() for a V of 80 bits.
[[gnu::always_inline]] inline uint16_t reduce80(__m128i v) noexcept { return reduce64(reduce80_to_64(v)); }

/// The same for 128 bits.
[[gnu::always_inline]] inline uint16_t reduce128(__m128i v) noexcept {
  const __m128i x64 = _mm_cvtsi64_si128(static_cast<int64_t>(kX64));
  const __m128i low = _mm_move_epi64(v);
  return reduce80(_mm_xor_si128(_mm_clmulepi64_si128(v, x64, 0x01), low));
}

/// Initial value in front of a message whose first `head` bytes (below 16) are taken apart: the part of it that falls
/// on the block behind them, as a big-endian polynomial. Nothing once the head covers both bytes.
[[gnu::always_inline]] inline __m128i spill(uint16_t crc, size_t head) noexcept {
  const auto shift = static_cast<int>(48 + 8 * head);  // 64 and more shift everything out
  return _mm_sll_epi64(_mm_set_epi64x(crc, 0), _mm_cvtsi32_si128(shift));
}

}  // namespace
}  // namespace pfs::simd_detail
