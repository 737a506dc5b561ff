#include <immintrin.h>

#include "simd/splitmix/splitmix.hpp"

namespace pfs::simd_detail {
namespace {

// AVX2 has no 64-bit product. It is made of low times low and both cross products, shifted up by 32.
__m256i multiply(__m256i a, __m256i b, __m256i b_high) noexcept {
  const __m256i cross = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(a, 32), b), _mm256_mul_epu32(a, b_high));
  return _mm256_add_epi64(_mm256_mul_epu32(a, b), _mm256_slli_epi64(cross, 32));
}

}  // namespace

void splitmix_words_avx2(uint8_t* out, uint64_t seed, uint64_t first, uint64_t count) noexcept {
  const __m256i mul1 = _mm256_set1_epi64x(static_cast<int64_t>(kSplitmixMul1));
  const __m256i mul2 = _mm256_set1_epi64x(static_cast<int64_t>(kSplitmixMul2));
  const __m256i mul1_high = _mm256_srli_epi64(mul1, 32);
  const __m256i mul2_high = _mm256_srli_epi64(mul2, 32);
  const __m256i advance = _mm256_set1_epi64x(static_cast<int64_t>(4 * kSplitmixStep));
  const uint64_t start = seed + (first + 1) * kSplitmixStep;
  __m256i counter = _mm256_add_epi64(
      _mm256_set1_epi64x(static_cast<int64_t>(start)),
      _mm256_set_epi64x(static_cast<int64_t>(3 * kSplitmixStep), static_cast<int64_t>(2 * kSplitmixStep),
                        static_cast<int64_t>(kSplitmixStep), 0));
  uint64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    __m256i z = counter;
    counter = _mm256_add_epi64(counter, advance);
    z = multiply(_mm256_xor_si256(z, _mm256_srli_epi64(z, 30)), mul1, mul1_high);
    z = multiply(_mm256_xor_si256(z, _mm256_srli_epi64(z, 27)), mul2, mul2_high);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i * 8), _mm256_xor_si256(z, _mm256_srli_epi64(z, 31)));
  }
  splitmix_words_scalar(out + i * 8, seed, first + i, count - i);
}

}  // namespace pfs::simd_detail
