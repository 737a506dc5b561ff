#include <immintrin.h>

#include "simd/crc16/reduce.hpp"
#include "simd/crc16/variants.hpp"

// Carry-less folding on 512-bit registers: four 16-byte big-endian polynomials, the first of the message lowest.
// Messages are padded in front by a masked load, so up to 64 bytes are one load, one multiplication and a reduction.
namespace pfs::simd_detail {
namespace {

[[gnu::always_inline]] inline __m512i reversed(__m512i bytes) noexcept {
  const __m128i reverse = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm512_shuffle_epi8(bytes, _mm512_broadcast_i32x4(reverse));
}

[[gnu::always_inline]] inline __m512i load_block(const uint8_t* at) noexcept {
  return reversed(_mm512_loadu_si512(at));
}

/// `head` bytes (0 to 64) padded in front, with the initial value on its first two. `mask`: the bytes' lanes.
[[gnu::always_inline]] inline __m512i load_head(uint16_t crc, const uint8_t* data, size_t head,
                                                uint64_t mask) noexcept {
  // The address may lie before the array; the lanes there are masked, and masked lanes do not fault.
  const uint8_t* padded = data - (64 - head);
  const __m512i start = _mm512_castsi128_si512(_mm_cvtsi32_si128(__builtin_bswap16(crc)));
  return reversed(_mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, padded), _mm512_maskz_expand_epi8(mask, start)));
}

[[gnu::always_inline]] inline __m512i multiply(__m512i value, __m512i constants) noexcept {
  return _mm512_xor_si512(_mm512_clmulepi64_epi128(value, constants, 0x11),
                          _mm512_clmulepi64_epi128(value, constants, 0x00));
}

[[gnu::always_inline]] inline __m512i fold(__m512i value, const FoldConstants& by) noexcept {
  const __m128i k = _mm_set_epi64x(static_cast<int64_t>(by.high), static_cast<int64_t>(by.low));
  return multiply(value, _mm512_broadcast_i32x4(k));
}

/// Each lane goes over the lanes behind it, and the last one's high half over its low half; 80 bits are left.
[[gnu::always_inline]] inline uint16_t finish(__m512i value) noexcept {
  const __m512i constants = _mm512_set_epi64(kFold0.high, kFold0.low, kFold16.high, kFold16.low,  //
                                             kFold32.high, kFold32.low, kFold48.high, kFold48.low);
  const __m512i parts = multiply(value, constants);
  const __m256i half = _mm256_xor_si256(_mm512_castsi512_si256(parts), _mm512_extracti64x4_epi64(parts, 1));
  return reduce80(_mm_xor_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1)));
}

}  // namespace

uint16_t crc16_avx512(uint16_t crc, const uint8_t* data, size_t bytes) noexcept {
  if (bytes < 2) return crc16_scalar(crc, data, bytes);
  if (bytes <= 64) return finish(load_head(crc, data, bytes, ~uint64_t{0} << (64 - bytes)));
  const size_t head = bytes % 64;
  __m512i sum = fold(load_head(crc, data, head, ~(~uint64_t{0} >> head)), kFold64);
  const __m512i first = _mm512_xor_si512(load_block(data + head), _mm512_zextsi128_si512(spill(crc, head)));
  sum = _mm512_xor_si512(sum, first);
  const uint8_t* at = data + head + 64;
  size_t blocks = bytes / 64 - 1;
  if (blocks >= 7) {
    __m512i sum1 = load_block(at);
    __m512i sum2 = load_block(at + 64);
    __m512i sum3 = load_block(at + 128);
    at += 192;
    for (blocks -= 3; blocks >= 4; blocks -= 4, at += 256) {
      sum = _mm512_xor_si512(fold(sum, kFold256), load_block(at));
      sum1 = _mm512_xor_si512(fold(sum1, kFold256), load_block(at + 64));
      sum2 = _mm512_xor_si512(fold(sum2, kFold256), load_block(at + 128));
      sum3 = _mm512_xor_si512(fold(sum3, kFold256), load_block(at + 192));
    }
    sum1 = _mm512_xor_si512(fold(sum, kFold64), sum1);
    sum2 = _mm512_xor_si512(fold(sum1, kFold64), sum2);
    sum = _mm512_xor_si512(fold(sum2, kFold64), sum3);
  }
  for (; blocks > 0; --blocks, at += 64) sum = _mm512_xor_si512(fold(sum, kFold64), load_block(at));
  return finish(sum);
}

}  // namespace pfs::simd_detail
