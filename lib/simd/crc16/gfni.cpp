#include <immintrin.h>

#include "simd/crc16/fold512.hpp"
#include "simd/crc16/matrices.hpp"
#include "simd/crc16/variants.hpp"

// Long messages: four pairs of 64-byte blocks are folded over 512 bytes at a time. A block costs two products with a
// matrix, on a port or ports that carry-less products do not use, and no reversal of its bytes; so this goes as fast
// as the reflected CRCs, which need none either, or faster.
namespace pfs::simd_detail {
namespace {

constexpr size_t kPairs = 4;
constexpr size_t kStep = kPairs * 128;
constexpr PairFold kFoldStep = pair_fold(kStep);
constexpr PairFold kFoldNext = pair_fold(64);  // from one pair to the next
static_assert(kPairs * 64 == kPairDistance);

struct Pair {
  __m512i upper;
  __m512i lower;
};

[[gnu::always_inline]] inline Pair load_pair(const uint8_t* at) noexcept {
  return {_mm512_loadu_si512(at), _mm512_loadu_si512(at + kPairDistance)};
}

[[gnu::always_inline]] inline __m512i product(__m512i bytes, uint64_t matrix) noexcept {
  return _mm512_gf2p8affine_epi64_epi8(bytes, _mm512_set1_epi64(static_cast<int64_t>(matrix)), 0);
}

[[gnu::always_inline]] inline __m512i sum(__m512i a, __m512i b, __m512i c) noexcept {
  return _mm512_ternarylogic_epi64(a, b, c, 0x96);
}

/// `pair` moved over to `onto`.
[[gnu::always_inline]] inline Pair fold(const Pair& pair, const PairFold& by, const Pair& onto) noexcept {
  return {sum(product(pair.upper, by.from_upper.upper), product(pair.lower, by.from_lower.upper), onto.upper),
          sum(product(pair.upper, by.from_upper.lower), product(pair.lower, by.from_lower.lower), onto.lower)};
}

}  // namespace

uint16_t crc16_gfni(uint16_t crc, const uint8_t* data, size_t bytes) noexcept {
  Pair pair[kPairs];
  for (size_t i = 0; i < kPairs; ++i) pair[i] = load_pair(data + i * 64);
  pair[0].upper = _mm512_xor_si512(pair[0].upper, _mm512_zextsi128_si512(_mm_cvtsi32_si128(__builtin_bswap16(crc))));
  const uint8_t* at = data + kStep;
  size_t left = bytes - kStep;
  for (; left >= kStep; left -= kStep, at += kStep) {
    for (size_t i = 0; i < kPairs; ++i) pair[i] = fold(pair[i], kFoldStep, load_pair(at + i * 64));
  }
  for (size_t i = 1; i < kPairs; ++i) pair[i] = fold(pair[i - 1], kFoldNext, pair[i]);
  const Pair& last = pair[kPairs - 1];
  const uint16_t folded = finish(_mm512_xor_si512(fold(reversed(last.upper), kFold256), reversed(last.lower)));
  return crc16_avx512(folded, at, left);
}

}  // namespace pfs::simd_detail
