#include <immintrin.h>

#include "kernels/add_imm8/loop.hpp"

namespace pfs::simd_detail {

void add_imm8_avx512(uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  const __m512i operand = _mm512_set1_epi8(static_cast<char>(value));
  uint64_t at = 0;
  for (; at + 64 <= bytes; at += 64) {
    _mm512_storeu_si512(data + at, _mm512_add_epi8(_mm512_loadu_si512(data + at), operand));
  }
  if (at == bytes) return;
  const __mmask64 rest = ~0ULL >> (64 - (bytes - at));
  _mm512_mask_storeu_epi8(data + at, rest, _mm512_add_epi8(_mm512_maskz_loadu_epi8(rest, data + at), operand));
}

}  // namespace pfs::simd_detail
