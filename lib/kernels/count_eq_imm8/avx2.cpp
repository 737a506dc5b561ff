#include <immintrin.h>

#include "kernels/count_eq_imm8/loop.hpp"

namespace pfs::simd_detail {

uint64_t count_eq_avx2(const uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  const __m256i wanted = _mm256_set1_epi8(static_cast<char>(value));
  uint64_t count = 0;
  uint64_t at = 0;
  for (; at + 32 <= bytes; at += 32) {
    const __m256i equal = _mm256_cmpeq_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + at)), wanted);
    count += static_cast<uint32_t>(__builtin_popcount(static_cast<uint32_t>(_mm256_movemask_epi8(equal))));
  }
  return count + count_eq_scalar(data + at, bytes - at, value);
}

}  // namespace pfs::simd_detail
