#include <immintrin.h>

#include "wire/codec/encode/encode.hpp"

// A step stores 64 bytes; a masked store takes the rest.
namespace pfs::simd_detail {
namespace {

/// Computes prp32_inverse() of sixteen references.
[[gnu::always_inline]] inline __m512i unpermute(__m512i x, uint32_t key) noexcept {
  x = _mm512_xor_si512(x, _mm512_set1_epi32(static_cast<int>(key ^ 0x85EBCA77u)));
  x = _mm512_xor_si512(x, _mm512_slli_epi32(x, 5));
  x = _mm512_xor_si512(x, _mm512_slli_epi32(x, 10));
  x = _mm512_xor_si512(x, _mm512_slli_epi32(x, 20));
  x = _mm512_xor_si512(x, _mm512_srli_epi32(x, 17));
  x = _mm512_xor_si512(x, _mm512_slli_epi32(x, 13));
  x = _mm512_xor_si512(x, _mm512_slli_epi32(x, 26));
  return _mm512_xor_si512(x, _mm512_set1_epi32(static_cast<int>(key * 0x9E3779B9u)));
}

/// Stores the 64 bytes that wire() gives, and moves on by step(), until `bytes` are written.
template <class Wire, class Step>
[[gnu::always_inline]] inline void store_all(uint8_t* at, uint64_t bytes, Wire wire, Step step) noexcept {
  for (; bytes >= 64; bytes -= 64, at += 64) {
    _mm512_storeu_si512(at, wire());
    step();
  }
  if (bytes > 0) _mm512_mask_storeu_epi8(at, ~uint64_t{0} >> (64 - bytes), wire());
}

}  // namespace

void encode1_avx512(uint8_t* at, const RunSequence& sequence) noexcept {
  // These are the numbers 0 to 63, made of the bytes 0 to 7 and of multiples of 8.
  const __m512i eights =
      _mm512_set_epi64(0x3838383838383838, 0x3030303030303030, 0x2828282828282828, 0x2020202020202020,
                       0x1818181818181818, 0x1010101010101010, 0x0808080808080808, 0);
  __m512i value = _mm512_add_epi8(_mm512_set1_epi8(static_cast<char>(sequence.first)),
                                  _mm512_add_epi8(eights, _mm512_set1_epi64(0x0706050403020100)));
  store_all(
      at, sequence.count, [&] { return value; }, [&] { value = _mm512_add_epi8(value, _mm512_set1_epi8(64)); });
}

void encode2_avx512(uint8_t* at, const RunSequence& sequence) noexcept {
  const __m512i swap = _mm512_broadcast_i32x4(_mm_set_epi8(14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1));
  const __m512i fours = _mm512_cvtepi8_epi16(
      _mm256_set_epi64x(0x1C1C1C1C18181818, 0x1414141410101010, 0x0C0C0C0C08080808, 0x0404040400000000));
  __m512i value = _mm512_add_epi16(_mm512_set1_epi16(static_cast<int16_t>(sequence.first)),
                                   _mm512_add_epi16(fours, _mm512_set1_epi64(0x0003000200010000)));
  store_all(
      at, uint64_t{2} * sequence.count, [&] { return _mm512_shuffle_epi8(value, swap); },
      [&] { value = _mm512_add_epi16(value, _mm512_set1_epi16(32)); });
}

void encode4_avx512(uint8_t* at, const RunSequence& sequence) noexcept {
  const __m512i swap = _mm512_broadcast_i32x4(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
  __m512i value = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(sequence.first)),
                                   _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
  store_all(
      at, uint64_t{4} * sequence.count,
      [&] { return _mm512_shuffle_epi8(sequence.permuted ? unpermute(value, sequence.key) : value, swap); },
      [&] { value = _mm512_add_epi32(value, _mm512_set1_epi32(16)); });
}

}  // namespace pfs::simd_detail
