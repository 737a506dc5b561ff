#include <immintrin.h>

#include "simd/splitmix/splitmix.hpp"

namespace pfs::simd_detail {

void splitmix_words_avx512(uint8_t* out, uint64_t seed, uint64_t first, uint64_t count) noexcept {
  const __m512i mul1 = _mm512_set1_epi64(static_cast<int64_t>(kSplitmixMul1));
  const __m512i mul2 = _mm512_set1_epi64(static_cast<int64_t>(kSplitmixMul2));
  const __m512i step = _mm512_set1_epi64(static_cast<int64_t>(kSplitmixStep));
  const __m512i advance = _mm512_slli_epi64(step, 3);
  const uint64_t start = seed + (first + 1) * kSplitmixStep;
  __m512i counter = _mm512_add_epi64(_mm512_set1_epi64(static_cast<int64_t>(start)),
                                     _mm512_mullo_epi64(step, _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0)));
  uint64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    __m512i z = counter;
    counter = _mm512_add_epi64(counter, advance);
    z = _mm512_mullo_epi64(_mm512_xor_si512(z, _mm512_srli_epi64(z, 30)), mul1);
    z = _mm512_mullo_epi64(_mm512_xor_si512(z, _mm512_srli_epi64(z, 27)), mul2);
    _mm512_storeu_si512(out + i * 8, _mm512_xor_si512(z, _mm512_srli_epi64(z, 31)));
  }
  splitmix_words_scalar(out + i * 8, seed, first + i, count - i);
}

}  // namespace pfs::simd_detail
