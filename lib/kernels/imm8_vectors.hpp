#pragma once

#include <immintrin.h>

#include "kernels/imm8.hpp"

// For the variants of kernels that change each byte in place. Anonymous, so that each variant has its own copy: a copy
// shared through the linker could be one with AVX-512 in it.
namespace pfs {
namespace {

/// change(__m256i, __m256i) of 32 bytes and the value; `rest` does what is behind the last whole vector.
template <class Change>
[[gnu::always_inline]] inline void change_by_avx2(uint8_t* data, uint64_t bytes, uint8_t value, Change change,
                                                  Imm8Function* rest) noexcept {
  const __m256i operand = _mm256_set1_epi8(static_cast<char>(value));
  uint64_t at = 0;
  for (; at + 32 <= bytes; at += 32) {
    auto* place = reinterpret_cast<__m256i*>(data + at);
    _mm256_storeu_si256(place, change(_mm256_loadu_si256(place), operand));
  }
  rest(data + at, bytes - at, value);
}

#if defined(__AVX512BW__)
/// change(__m512i, __m512i) of 64 bytes and the value.
template <class Change>
[[gnu::always_inline]] inline void change_by_avx512(uint8_t* data, uint64_t bytes, uint8_t value,
                                                    Change change) noexcept {
  const __m512i operand = _mm512_set1_epi8(static_cast<char>(value));
  uint64_t at = 0;
  for (; at + 64 <= bytes; at += 64) {
    _mm512_storeu_si512(data + at, change(_mm512_loadu_si512(data + at), operand));
  }
  if (at == bytes) return;
  const __mmask64 rest = ~0ULL >> (64 - (bytes - at));
  _mm512_mask_storeu_epi8(data + at, rest, change(_mm512_maskz_loadu_epi8(rest, data + at), operand));
}
#endif

}  // namespace
}  // namespace pfs
