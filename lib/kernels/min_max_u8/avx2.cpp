#include <immintrin.h>

#include "kernels/min_max_u8/loop.hpp"

namespace pfs::simd_detail {
namespace {

__m256i load(const uint8_t* at) noexcept { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)); }

// The least of sixteen bytes: of pairs, then of eight u16 by the one horizontal minimum SSE has.
uint8_t least(__m128i bytes) noexcept {
  const __m128i pairs = _mm_min_epu8(bytes, _mm_srli_epi16(bytes, 8));
  return static_cast<uint8_t>(_mm_cvtsi128_si32(_mm_minpos_epu16(_mm_and_si128(pairs, _mm_set1_epi16(255)))));
}

}  // namespace

MinMax min_max_u8_avx2(const uint8_t* data, uint64_t bytes, MinMax so_far) noexcept {
  if (bytes < 32) return min_max_u8_scalar(data, bytes, so_far);
  __m256i low = _mm256_set1_epi8(static_cast<char>(so_far.min));
  __m256i high = _mm256_set1_epi8(static_cast<char>(so_far.max));
  for (uint64_t at = 0; at + 32 <= bytes; at += 32) {
    low = _mm256_min_epu8(low, load(data + at));
    high = _mm256_max_epu8(high, load(data + at));
  }
  low = _mm256_min_epu8(low, load(data + bytes - 32));  // the rest, and again some that were seen: a minimum may
  high = _mm256_max_epu8(high, load(data + bytes - 32));
  const __m128i ones = _mm_set1_epi8(-1);
  const __m128i low16 = _mm_min_epu8(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1));
  const __m128i high16 = _mm_max_epu8(_mm256_castsi256_si128(high), _mm256_extracti128_si256(high, 1));
  return {least(low16), static_cast<uint8_t>(~least(_mm_xor_si128(high16, ones)))};
}

}  // namespace pfs::simd_detail
