#pragma once

#include <immintrin.h>

#include <cstdint>

// Only the AVX-512 variants include this file, which needs VBMI and VBMI2. The namespace is anonymous, so that each
// variant has its own copy.
namespace pfs::simd_detail {
namespace {

/// Takes eight values of a packed array at a time. Eight values of n bits are n bytes, so every group starts at a byte
/// and has its values at the same places: one permutation brings each value's bytes into its lane, and one shift and
/// one mask do the rest.
struct Group {
  __m512i low;     ///< for each lane the bytes from its value's first byte on
  __m512i high;    ///< the eight bytes behind them, for values that touch nine
  __m512i shift;   ///< bits below the value in its first byte
  __m512i mask;    ///< `bits` ones
  bool nine;       ///< some values touch nine bytes
  uint64_t bytes;  ///< from one group to the next

  /// Takes groups whose first value is number `skip` of the array (0, or 1 where bits is at most 32). `bits` is 0
  /// to 64.
  [[gnu::always_inline]] Group(uint32_t bits, uint32_t skip) noexcept {
    const __m512i lane = _mm512_add_epi64(_mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0), _mm512_set1_epi64(skip));
    const __m512i first_bit = _mm512_mul_epu32(lane, _mm512_set1_epi64(bits));
    const __m512i first_byte = _mm512_srli_epi64(first_bit, 3);
    const __m512i spread =
        _mm512_set_epi64(0x0808080808080808, 0, 0x0808080808080808, 0, 0x0808080808080808, 0, 0x0808080808080808, 0);
    low = _mm512_add_epi8(_mm512_shuffle_epi8(first_byte, spread), _mm512_set1_epi64(0x0706050403020100));
    high = _mm512_add_epi8(low, _mm512_set1_epi8(8));
    shift = _mm512_and_si512(first_bit, _mm512_set1_epi64(7));
    mask = _mm512_set1_epi64(static_cast<int64_t>(bits == 0 ? 0 : ~uint64_t{0} >> (64 - bits)));
    nine = bits > 57;
    bytes = bits;
  }

  template <bool kNine>
  [[nodiscard, gnu::always_inline]] __m512i values(__m512i block) const noexcept {
    const __m512i first = _mm512_permutexvar_epi8(low, block);
    if constexpr (kNine) {
      return _mm512_and_si512(_mm512_shrdv_epi64(first, _mm512_permutexvar_epi8(high, block), shift), mask);
    }
    return _mm512_and_si512(_mm512_srlv_epi64(first, shift), mask);
  }
};

/// Loads up to 64 bytes at `at`, of which `left` may be read; zeros stand behind them.
[[gnu::always_inline]] inline __m512i load_left(const uint8_t* at, uint64_t left) noexcept {
  if (left >= 64) return _mm512_loadu_si512(at);
  return _mm512_maskz_loadu_epi8((uint64_t{1} << left) - 1, at);
}

}  // namespace
}  // namespace pfs::simd_detail
