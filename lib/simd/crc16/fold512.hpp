#pragma once

#include <immintrin.h>

#include "simd/crc16/reduce.hpp"

// Carry-less folding on 512-bit registers: four 16-byte big-endian polynomials, the first of the message lowest.
// For the AVX-512 variants only; anonymous for the reason given in reduce.hpp.
namespace pfs::simd_detail {
namespace {

[[gnu::always_inline]] inline __m512i reversed(__m512i bytes) noexcept {
  const __m128i reverse = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm512_shuffle_epi8(bytes, _mm512_broadcast_i32x4(reverse));
}

[[gnu::always_inline]] inline __m512i load_block(const uint8_t* at) noexcept {
  return reversed(_mm512_loadu_si512(at));
}

/// `head` bytes (0 to 64) padded in front, with the initial value on its first two. `mask`: the bytes' lanes.
[[gnu::always_inline]] inline __m512i load_head(uint16_t crc, const uint8_t* data, size_t head,
                                                uint64_t mask) noexcept {
  // The address may lie before the array; the lanes there are masked, and masked lanes do not fault.
  const uint8_t* padded = data - (64 - head);
  const __m512i start = _mm512_castsi128_si512(_mm_cvtsi32_si128(__builtin_bswap16(crc)));
  return reversed(_mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, padded), _mm512_maskz_expand_epi8(mask, start)));
}

[[gnu::always_inline]] inline __m512i multiply(__m512i value, __m512i constants) noexcept {
  return _mm512_xor_si512(_mm512_clmulepi64_epi128(value, constants, 0x11),
                          _mm512_clmulepi64_epi128(value, constants, 0x00));
}

[[gnu::always_inline]] inline __m512i fold(__m512i value, const FoldConstants& by) noexcept {
  const __m128i k = _mm_set_epi64x(static_cast<int64_t>(by.high), static_cast<int64_t>(by.low));
  return multiply(value, _mm512_broadcast_i32x4(k));
}

/// Each lane goes over the lanes behind it, and the last one's high half over its low half; 80 bits are left.
[[gnu::always_inline]] inline __m128i to_80(__m512i value) noexcept {
  const __m512i constants = _mm512_set_epi64(kFold0.high, kFold0.low, kFold16.high, kFold16.low,  //
                                             kFold32.high, kFold32.low, kFold48.high, kFold48.low);
  const __m512i parts = multiply(value, constants);
  const __m256i half = _mm256_xor_si256(_mm512_castsi512_si256(parts), _mm512_extracti64x4_epi64(parts, 1));
  return _mm_xor_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

[[gnu::always_inline]] inline uint16_t finish(__m512i value) noexcept { return reduce80(to_80(value)); }

}  // namespace

}  // namespace pfs::simd_detail
