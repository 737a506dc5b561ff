#include <immintrin.h>

#include "simd/sha256_many/constants.hpp"
#include "simd/sha256_many/lanes.hpp"
#include "simd/sha256_many/sha256_many.hpp"

// A lane a stream, sixteen lanes a register. The working variables and a block's sixteen words take 24 registers, so
// all stays in registers; what limits is the two ports that take 512-bit instructions: about 1,700 for sixteen blocks.
namespace pfs::simd_detail {
namespace {

constexpr uint64_t kLanes = 16;
constexpr uint64_t kWorthwhile = 11;  // streams; with fewer SHA-NI is faster: 2.33 GB/s by twos, here 0.235 each

using Words = __m512i[16];

/// 64 bytes of each of sixteen streams, big-endian, become sixteen words: word i of every stream.
[[gnu::always_inline]] inline void load_words(Words& words, const uint8_t* const* data, uint64_t at) noexcept {
  const __m512i swap = _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
  __m512i rows[16];
  for (size_t i = 0; i < 16; ++i) rows[i] = _mm512_shuffle_epi8(_mm512_loadu_si512(data[i] + at), swap);
  // In every 128-bit quarter, four streams' four words change places.
  __m512i four[16];  // four[4 * g + k]: word 4 * quarter + k of streams 4 * g to 4 * g + 3
  for (size_t g = 0; g < 16; g += 4) {
    const __m512i low01 = _mm512_unpacklo_epi32(rows[g], rows[g + 1]);
    const __m512i high01 = _mm512_unpackhi_epi32(rows[g], rows[g + 1]);
    const __m512i low23 = _mm512_unpacklo_epi32(rows[g + 2], rows[g + 3]);
    const __m512i high23 = _mm512_unpackhi_epi32(rows[g + 2], rows[g + 3]);
    four[g] = _mm512_unpacklo_epi64(low01, low23);
    four[g + 1] = _mm512_unpackhi_epi64(low01, low23);
    four[g + 2] = _mm512_unpacklo_epi64(high01, high23);
    four[g + 3] = _mm512_unpackhi_epi64(high01, high23);
  }
  // Then the quarters do.
  for (size_t k = 0; k < 4; ++k) {
    const __m512i even01 = _mm512_shuffle_i32x4(four[k], four[4 + k], 0x88);
    const __m512i odd01 = _mm512_shuffle_i32x4(four[k], four[4 + k], 0xDD);
    const __m512i even23 = _mm512_shuffle_i32x4(four[8 + k], four[12 + k], 0x88);
    const __m512i odd23 = _mm512_shuffle_i32x4(four[8 + k], four[12 + k], 0xDD);
    words[k] = _mm512_shuffle_i32x4(even01, even23, 0x88);
    words[4 + k] = _mm512_shuffle_i32x4(odd01, odd23, 0x88);
    words[8 + k] = _mm512_shuffle_i32x4(even01, even23, 0xDD);
    words[12 + k] = _mm512_shuffle_i32x4(odd01, odd23, 0xDD);
  }
}

[[gnu::always_inline]] inline __m512i xor3(__m512i a, __m512i b, __m512i c) noexcept {
  return _mm512_ternarylogic_epi32(a, b, c, 0x96);
}

/// Round `t` of FIPS 180-4 section 6.2.2. The variables keep their registers and change their names.
[[gnu::always_inline]] inline void round(__m512i (&v)[8], size_t t, __m512i word_and_constant) noexcept {
  const auto at = [&v, t](size_t i) -> __m512i& { return v[(i - t) % 8]; };
  const __m512i a = at(0);
  const __m512i e = at(4);
  const __m512i sum1 = xor3(_mm512_ror_epi32(e, 6), _mm512_ror_epi32(e, 11), _mm512_ror_epi32(e, 25));
  const __m512i choice = _mm512_ternarylogic_epi32(e, at(5), at(6), 0xCA);
  const __m512i first = _mm512_add_epi32(_mm512_add_epi32(at(7), word_and_constant), _mm512_add_epi32(sum1, choice));
  const __m512i sum0 = xor3(_mm512_ror_epi32(a, 2), _mm512_ror_epi32(a, 13), _mm512_ror_epi32(a, 22));
  const __m512i majority = _mm512_ternarylogic_epi32(a, at(1), at(2), 0xE8);
  at(3) = _mm512_add_epi32(at(3), first);
  at(7) = _mm512_add_epi32(first, _mm512_add_epi32(sum0, majority));
}

/// The word sixteen rounds later, in the place of word `t`.
[[gnu::always_inline]] inline void schedule(Words& w, size_t t) noexcept {
  const __m512i next = w[(t + 1) % 16];
  const __m512i last = w[(t + 14) % 16];
  const __m512i sigma0 = xor3(_mm512_ror_epi32(next, 7), _mm512_ror_epi32(next, 18), _mm512_srli_epi32(next, 3));
  const __m512i sigma1 = xor3(_mm512_ror_epi32(last, 17), _mm512_ror_epi32(last, 19), _mm512_srli_epi32(last, 10));
  w[t] = _mm512_add_epi32(_mm512_add_epi32(w[t], w[(t + 9) % 16]), _mm512_add_epi32(sigma0, sigma1));
}

[[gnu::always_inline]] inline __m512i with_constant(__m512i word, size_t t) noexcept {
  return _mm512_add_epi32(word, _mm512_set1_epi32(static_cast<int>(kShaRounds[t])));
}

/// One block of every stream.
[[gnu::always_inline]] inline void compress(__m512i (&state)[8], Words& w) noexcept {
  __m512i v[8];
  for (size_t i = 0; i < 8; ++i) v[i] = state[i];
#pragma GCC unroll 1
  for (size_t base = 0; base < 48; base += 16) {
#pragma GCC unroll 16
    for (size_t t = 0; t < 16; ++t) {
      round(v, t, with_constant(w[t], base + t));
      schedule(w, t);
    }
  }
#pragma GCC unroll 16
  for (size_t t = 0; t < 16; ++t) round(v, t, with_constant(w[t], 48 + t));
  for (size_t i = 0; i < 8; ++i) state[i] = _mm512_add_epi32(state[i], v[i]);
}

/// Takes `blocks` blocks from each of sixteen streams.
struct TakeSixteen {
  [[gnu::noinline]] void operator()(ShaStream* const* streams, uint64_t blocks) const noexcept {
    const uint8_t* data[kLanes];
    alignas(64) uint32_t lanes[8][kLanes];
    for (size_t i = 0; i < kLanes; ++i) {
      data[i] = streams[i]->data;
      for (size_t k = 0; k < 8; ++k) lanes[k][i] = streams[i]->state[k];
    }
    __m512i state[8];
    for (size_t k = 0; k < 8; ++k) state[k] = _mm512_load_si512(lanes[k]);
    for (uint64_t at = 0; at < blocks * kShaBlockBytes; at += kShaBlockBytes) {
      Words words;
      load_words(words, data, at);
      compress(state, words);
    }
    for (size_t k = 0; k < 8; ++k) _mm512_store_si512(lanes[k], state[k]);
    for (size_t i = 0; i < kLanes; ++i) {
      for (size_t k = 0; k < 8; ++k) streams[i]->state[k] = lanes[k][i];
    }
  }
};

}  // namespace

void sha256_many_avx512(std::span<ShaStream> streams) noexcept {
  run_lanes<kLanes, kWorthwhile>(streams, TakeSixteen{});
  sha256_many_sse(streams);  // what is left
}

}  // namespace pfs::simd_detail
