#include <immintrin.h>

#include "kernels/sum_u64/loop.hpp"

namespace pfs::simd_detail {

uint64_t sum_u64_avx2(const uint8_t* data, uint64_t bytes) noexcept {
  __m256i even = _mm256_setzero_si256();
  __m256i odd = _mm256_setzero_si256();
  uint64_t at = 0;
  for (; at + 64 <= bytes; at += 64) {
    even = _mm256_add_epi64(even, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + at)));
    odd = _mm256_add_epi64(odd, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + at + 32)));
  }
  even = _mm256_add_epi64(even, odd);
  const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(even), _mm256_extracti128_si256(even, 1));
  const uint64_t sum = static_cast<uint64_t>(_mm_cvtsi128_si64(two)) + static_cast<uint64_t>(_mm_extract_epi64(two, 1));
  return sum + sum_u64_scalar(data + at, bytes - at);
}

}  // namespace pfs::simd_detail
