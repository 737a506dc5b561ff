#include <immintrin.h>

#include "kernels/add_imm8/loop.hpp"

namespace pfs::simd_detail {

void add_imm8_avx2(uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  const __m256i operand = _mm256_set1_epi8(static_cast<char>(value));
  uint64_t at = 0;
  for (; at + 32 <= bytes; at += 32) {
    auto* place = reinterpret_cast<__m256i*>(data + at);
    _mm256_storeu_si256(place, _mm256_add_epi8(_mm256_loadu_si256(place), operand));
  }
  add_imm8_scalar(data + at, bytes - at, value);
}

}  // namespace pfs::simd_detail
