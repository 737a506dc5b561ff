#include <immintrin.h>

#include "wire/codec/encode/encode.hpp"

// A step takes eight references of four bytes. For references of one or two bytes the compiler does as well.
namespace pfs::simd_detail {
namespace {

/// Computes prp32_inverse() of eight references.
[[gnu::always_inline]] inline __m256i unpermute(__m256i x, uint32_t key) noexcept {
  x = _mm256_xor_si256(x, _mm256_set1_epi32(static_cast<int>(key ^ 0x85EBCA77u)));
  x = _mm256_xor_si256(x, _mm256_slli_epi32(x, 5));
  x = _mm256_xor_si256(x, _mm256_slli_epi32(x, 10));
  x = _mm256_xor_si256(x, _mm256_slli_epi32(x, 20));
  x = _mm256_xor_si256(x, _mm256_srli_epi32(x, 17));
  x = _mm256_xor_si256(x, _mm256_slli_epi32(x, 13));
  x = _mm256_xor_si256(x, _mm256_slli_epi32(x, 26));
  return _mm256_xor_si256(x, _mm256_set1_epi32(static_cast<int>(key * 0x9E3779B9u)));
}

}  // namespace

void encode4_avx2(uint8_t* at, const RunSequence& sequence) noexcept {
  const __m256i swap = _mm256_broadcastsi128_si256(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
  __m256i index =
      _mm256_add_epi32(_mm256_set1_epi32(static_cast<int>(sequence.first)), _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0));
  RunSequence rest = sequence;
  for (; rest.count >= 8; rest.count -= 8, rest.first += 8, at += 32) {
    const __m256i wire = sequence.permuted ? unpermute(index, sequence.key) : index;
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), _mm256_shuffle_epi8(wire, swap));
    index = _mm256_add_epi32(index, _mm256_set1_epi32(8));
  }
  encode4_scalar(at, rest);
}

}  // namespace pfs::simd_detail
