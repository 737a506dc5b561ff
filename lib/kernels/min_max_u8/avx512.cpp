#include <immintrin.h>

#include "kernels/min_max_u8/loop.hpp"

namespace pfs::simd_detail {
namespace {

// The least of sixteen bytes: of pairs, then of eight u16 by the one horizontal minimum SSE has.
uint8_t least(__m128i bytes) noexcept {
  const __m128i pairs = _mm_min_epu8(bytes, _mm_srli_epi16(bytes, 8));
  return static_cast<uint8_t>(_mm_cvtsi128_si32(_mm_minpos_epu16(_mm_and_si128(pairs, _mm_set1_epi16(255)))));
}

// The least of 64 bytes.
uint8_t least(__m512i bytes) noexcept {
  const __m256i half = _mm256_min_epu8(_mm512_castsi512_si256(bytes), _mm512_extracti64x4_epi64(bytes, 1));
  return least(_mm_min_epu8(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1)));
}

}  // namespace

MinMax min_max_u8_avx512(const uint8_t* data, uint64_t bytes, MinMax so_far) noexcept {
  __m512i low = _mm512_set1_epi8(static_cast<char>(so_far.min));
  __m512i high = _mm512_set1_epi8(static_cast<char>(so_far.max));
  uint64_t at = 0;
  for (; at + 64 <= bytes; at += 64) {
    const __m512i block = _mm512_loadu_si512(data + at);
    low = _mm512_min_epu8(low, block);
    high = _mm512_max_epu8(high, block);
  }
  if (at < bytes) {
    const __mmask64 rest = ~0ULL >> (64 - (bytes - at));
    const __m512i block = _mm512_maskz_loadu_epi8(rest, data + at);
    low = _mm512_mask_min_epu8(low, rest, low, block);
    high = _mm512_mask_max_epu8(high, rest, high, block);
  }
  return {least(low), static_cast<uint8_t>(~least(_mm512_xor_si512(high, _mm512_set1_epi8(-1))))};
}

}  // namespace pfs::simd_detail
