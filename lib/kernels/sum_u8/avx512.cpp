#include <immintrin.h>

#include "kernels/sum_u8/loop.hpp"
#include "simd/ahead.hpp"

namespace pfs::simd_detail {
namespace {

// Eight sums of eight bytes each.
__m512i sums(__m512i block) noexcept { return _mm512_sad_epu8(block, _mm512_setzero_si512()); }

// The sum of eight u64 modulo 2^64; the compiler's own reduction adds signed values, which may overflow.
uint64_t total(__m512i sums) noexcept {
  const __m256i four = _mm256_add_epi64(_mm512_castsi512_si256(sums), _mm512_extracti64x4_epi64(sums, 1));
  const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
  return static_cast<uint64_t>(_mm_cvtsi128_si64(two)) + static_cast<uint64_t>(_mm_extract_epi64(two, 1));
}

}  // namespace

uint64_t sum_u8_avx512(const uint8_t* data, uint64_t bytes) noexcept {
  __m512i even = _mm512_setzero_si512();
  __m512i odd = _mm512_setzero_si512();
  uint64_t at = 0;
  for (; at + kBytesAhead + 128 <= bytes; at += 128) {
    _mm_prefetch(data + at + kBytesAhead, _MM_HINT_T0);
    _mm_prefetch(data + at + kBytesAhead + 64, _MM_HINT_T0);
    even = _mm512_add_epi64(even, sums(_mm512_loadu_si512(data + at)));
    odd = _mm512_add_epi64(odd, sums(_mm512_loadu_si512(data + at + 64)));
  }
  for (; at + 128 <= bytes; at += 128) {
    even = _mm512_add_epi64(even, sums(_mm512_loadu_si512(data + at)));
    odd = _mm512_add_epi64(odd, sums(_mm512_loadu_si512(data + at + 64)));
  }
  if (at + 64 <= bytes) {
    even = _mm512_add_epi64(even, sums(_mm512_loadu_si512(data + at)));
    at += 64;
  }
  if (at < bytes) odd = _mm512_add_epi64(odd, sums(_mm512_maskz_loadu_epi8(~0ULL >> (64 - (bytes - at)), data + at)));
  return total(_mm512_add_epi64(even, odd));
}

}  // namespace pfs::simd_detail
