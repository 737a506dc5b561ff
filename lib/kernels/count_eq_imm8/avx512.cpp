#include <immintrin.h>

#include "kernels/count_eq_imm8/loop.hpp"
#include "simd/ahead.hpp"

namespace pfs::simd_detail {
namespace {

uint64_t equal(__m512i block, __m512i wanted) noexcept {
  return static_cast<uint64_t>(__builtin_popcountll(_mm512_cmpeq_epi8_mask(block, wanted)));
}

}  // namespace

uint64_t count_eq_avx512(const uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  const __m512i wanted = _mm512_set1_epi8(static_cast<char>(value));
  uint64_t count = 0;
  uint64_t at = 0;
  for (; at + kBytesAhead + 128 <= bytes; at += 128) {
    _mm_prefetch(data + at + kBytesAhead, _MM_HINT_T0);
    _mm_prefetch(data + at + kBytesAhead + 64, _MM_HINT_T0);
    count += equal(_mm512_loadu_si512(data + at), wanted) + equal(_mm512_loadu_si512(data + at + 64), wanted);
  }
  for (; at + 64 <= bytes; at += 64) count += equal(_mm512_loadu_si512(data + at), wanted);
  if (at == bytes) return count;
  const __mmask64 rest = ~0ULL >> (64 - (bytes - at));
  const __m512i last = _mm512_maskz_loadu_epi8(rest, data + at);
  return count + static_cast<uint64_t>(__builtin_popcountll(_mm512_mask_cmpeq_epi8_mask(rest, last, wanted)));
}

}  // namespace pfs::simd_detail
