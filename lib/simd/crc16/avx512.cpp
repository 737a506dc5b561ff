#include <immintrin.h>

#include "simd/crc16/fold512.hpp"
#include "simd/crc16/variants.hpp"

// Messages are padded in front by a masked load, so up to 64 bytes are one load, one multiplication and a reduction.
namespace pfs::simd_detail {
namespace {

/// 2 to 64 bytes. Many short pieces go on from each other's CRC, as the frames of a window do: so that they overlap,
/// `crc` comes in only just before the end, 20 cycles of some 50.
[[gnu::always_inline]] inline uint16_t short_crc(uint16_t crc, const uint8_t* data, size_t bytes) noexcept {
  const __m128i in_front = _mm_clmulepi64_si128(_mm_cvtsi32_si128(crc), _mm_cvtsi32_si128(kInFront[bytes]), 0x00);
  const __mmask64 lanes = ~uint64_t{0} << (64 - bytes);
  const __m512i message = reversed(_mm512_maskz_loadu_epi8(lanes, data - (64 - bytes)));
  return reduce64(_mm_xor_si128(reduce80_to_64(to_80(message)), in_front));
}

}  // namespace

uint16_t crc16_avx512(uint16_t crc, const uint8_t* data, size_t bytes) noexcept {
  if (bytes < 2) return crc16_scalar(crc, data, bytes);
  if (bytes >= kCrc16Long) return crc16_gfni(crc, data, bytes);
  if (bytes <= kShortCrc) return short_crc(crc, data, bytes);
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
