#include <immintrin.h>

#include "kernels/sum_u8/loop.hpp"

namespace pfs::simd_detail {
namespace {

// Four sums of eight bytes each.
__m256i sums(const uint8_t* at) noexcept {
  return _mm256_sad_epu8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)), _mm256_setzero_si256());
}

}  // namespace

uint64_t sum_u8_avx2(const uint8_t* data, uint64_t bytes) noexcept {
  __m256i even = _mm256_setzero_si256();
  __m256i odd = _mm256_setzero_si256();
  uint64_t at = 0;
  for (; at + 64 <= bytes; at += 64) {
    even = _mm256_add_epi64(even, sums(data + at));
    odd = _mm256_add_epi64(odd, sums(data + at + 32));
  }
  if (at + 32 <= bytes) {
    even = _mm256_add_epi64(even, sums(data + at));
    at += 32;
  }
  even = _mm256_add_epi64(even, odd);
  const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(even), _mm256_extracti128_si256(even, 1));
  const uint64_t sum = static_cast<uint64_t>(_mm_cvtsi128_si64(two)) + static_cast<uint64_t>(_mm_extract_epi64(two, 1));
  return sum + sum_u8_scalar(data + at, bytes - at);
}

}  // namespace pfs::simd_detail
