#include <immintrin.h>

#include <cstring>

#include "simd/crc16/reduce.hpp"
#include "simd/crc16/variants.hpp"

// Carry-less folding on 128-bit registers. A register holds 16 message bytes as one big-endian polynomial. Messages
// are padded in front, where zeros change nothing, so there is no tail to deal with.
namespace pfs::simd_detail {
namespace {

[[gnu::always_inline]] inline uint64_t load64(const uint8_t* at) noexcept {
  uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return __builtin_bswap64(value);
}

[[gnu::always_inline]] inline uint64_t load32(const uint8_t* at) noexcept {
  uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return __builtin_bswap32(value);
}

[[gnu::always_inline]] inline uint64_t load16(const uint8_t* at) noexcept {
  return static_cast<uint64_t>(at[0]) << 8 | at[1];
}

[[gnu::always_inline]] inline __m128i load_block(const uint8_t* at) noexcept {
  const __m128i reverse = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), reverse);
}

[[gnu::always_inline]] inline __m128i fold(__m128i value, const FoldConstants& by) noexcept {
  const __m128i k = _mm_set_epi64x(static_cast<int64_t>(by.high), static_cast<int64_t>(by.low));
  return _mm_xor_si128(_mm_clmulepi64_si128(value, k, 0x11), _mm_clmulepi64_si128(value, k, 0x00));
}

/// 2 to 15 bytes: two loads that overlap, never past the ends.
uint16_t crc_short(uint16_t crc, const uint8_t* data, size_t bytes) noexcept {
  const auto shift = static_cast<uint32_t>(8 * bytes - 16);
  if (bytes > 8) {
    auto value = static_cast<unsigned __int128>(load64(data) >> (8 * (16 - bytes))) << 64 | load64(data + bytes - 8);
    value ^= static_cast<unsigned __int128>(crc) << shift;
    return reduce128(_mm_set_epi64x(static_cast<int64_t>(value >> 64), static_cast<int64_t>(value)));
  }
  uint64_t value;
  if (bytes >= 4) {
    value = load32(data) << (8 * (bytes - 4)) | load32(data + bytes - 4);
  } else {
    value = load16(data) << (8 * (bytes - 2)) | load16(data + bytes - 2);
  }
  return reduce64(_mm_cvtsi64_si128(static_cast<int64_t>(value ^ static_cast<uint64_t>(crc) << shift)));
}

/// The first bytes % 16 bytes of a message of at least 16, padded in front.
[[gnu::always_inline]] inline __m128i load_head(uint16_t crc, const uint8_t* data, size_t head) noexcept {
  const __m128i start = _mm_cvtsi32_si128(__builtin_bswap16(crc));
  const __m128i block = _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(data)), start);
  // Byte k of the polynomial is message byte head - 1 - k; negative indices give zero.
  const __m128i iota = _mm_set_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  return _mm_shuffle_epi8(block, _mm_sub_epi8(_mm_set1_epi8(static_cast<char>(head - 1)), iota));
}

}  // namespace

uint16_t crc16_sse(uint16_t crc, const uint8_t* data, size_t bytes) noexcept {
  if (bytes < 2) return crc16_scalar(crc, data, bytes);
  if (bytes < 16) return crc_short(crc, data, bytes);
  const size_t head = bytes % 16;
  __m128i sum = fold(load_head(crc, data, head), kFold16);
  sum = _mm_xor_si128(sum, _mm_xor_si128(load_block(data + head), spill(crc, head)));
  const uint8_t* at = data + head + 16;
  size_t blocks = bytes / 16 - 1;
  if (blocks >= 7) {
    __m128i sum1 = load_block(at);
    __m128i sum2 = load_block(at + 16);
    __m128i sum3 = load_block(at + 32);
    at += 48;
    for (blocks -= 3; blocks >= 4; blocks -= 4, at += 64) {
      sum = _mm_xor_si128(fold(sum, kFold64), load_block(at));
      sum1 = _mm_xor_si128(fold(sum1, kFold64), load_block(at + 16));
      sum2 = _mm_xor_si128(fold(sum2, kFold64), load_block(at + 32));
      sum3 = _mm_xor_si128(fold(sum3, kFold64), load_block(at + 48));
    }
    sum =
        _mm_xor_si128(_mm_xor_si128(fold(sum, kFold48), fold(sum1, kFold32)), _mm_xor_si128(fold(sum2, kFold16), sum3));
  }
  for (; blocks > 0; --blocks, at += 16) sum = _mm_xor_si128(fold(sum, kFold16), load_block(at));
  return reduce128(sum);
}

}  // namespace pfs::simd_detail
