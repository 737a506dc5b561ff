#include <cpuid.h>
#include <immintrin.h>

#include "simd/sha256_many/constants.hpp"
#include "simd/sha256_many/lanes.hpp"
#include "simd/sha256_many/sha256_many.hpp"

// SHA-NI hashes two streams in turn: each stream waits for its own results half the time, which the other one uses.
namespace pfs::simd_detail {
namespace {

constexpr size_t kLanes = 2;

/// No level of Isa has SHA-NI: it came with AVX-512 at Intel's big cores, with AVX2 at AMD's, with SSE at the small
/// ones.
bool detect_sha_ni() noexcept {
  unsigned int a = 0;
  unsigned int b = 0;
  unsigned int c = 0;
  unsigned int d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

/// The working variables as the instructions want them: A, B, E, F and C, D, G, H, the first uppermost.
struct State {
  __m128i abef;
  __m128i cdgh;
};

[[gnu::always_inline]] inline State load_state(const uint32_t (&s)[8]) noexcept {
  return {
      _mm_set_epi32(static_cast<int>(s[0]), static_cast<int>(s[1]), static_cast<int>(s[4]), static_cast<int>(s[5])),
      _mm_set_epi32(static_cast<int>(s[2]), static_cast<int>(s[3]), static_cast<int>(s[6]), static_cast<int>(s[7]))};
}

[[gnu::always_inline]] inline void store_state(uint32_t (&s)[8], const State& state) noexcept {
  const __m128i abcd = _mm_unpackhi_epi64(state.cdgh, state.abef);  // D, C, B, A from the lowest on
  const __m128i efgh = _mm_unpacklo_epi64(state.cdgh, state.abef);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(s), _mm_shuffle_epi32(abcd, 0x1B));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(s + 4), _mm_shuffle_epi32(efgh, 0x1B));
}

/// Four rounds.
[[gnu::always_inline]] inline void rounds(State& state, __m128i words, size_t t) noexcept {
  const __m128i sum = _mm_add_epi32(words, _mm_load_si128(reinterpret_cast<const __m128i*>(kShaRounds + t)));
  state.cdgh = _mm_sha256rnds2_epu32(state.cdgh, state.abef, sum);
  state.abef = _mm_sha256rnds2_epu32(state.abef, state.cdgh, _mm_shuffle_epi32(sum, 0x0E));
}

/// The four words that come sixteen rounds after the first four of `w`, in their place; `group` of four is the first.
[[gnu::always_inline]] inline void schedule(__m128i (&w)[4], size_t group) noexcept {
  const __m128i w4 = w[(group + 1) % 4];
  const __m128i w8 = w[(group + 2) % 4];
  const __m128i w12 = w[(group + 3) % 4];
  const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[group % 4], w4), _mm_alignr_epi8(w12, w8, 4));
  w[group % 4] = _mm_sha256msg2_epu32(sum, w12);
}

/// Takes `blocks` blocks from each of two streams.
struct TakeTwo {
  [[gnu::noinline]] void operator()(ShaStream* const* streams, uint64_t blocks) const noexcept {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    State state[kLanes];
    for (size_t i = 0; i < kLanes; ++i) state[i] = load_state(streams[i]->state);
    for (uint64_t at = 0; at < blocks * kShaBlockBytes; at += kShaBlockBytes) {
      const State before[kLanes] = {state[0], state[1]};
      __m128i w[kLanes][4];
      for (size_t i = 0; i < kLanes; ++i) {
        const auto* block = reinterpret_cast<const __m128i*>(streams[i]->data + at);
        for (size_t k = 0; k < 4; ++k) w[i][k] = _mm_shuffle_epi8(_mm_loadu_si128(block + k), swap);
      }
#pragma GCC unroll 16
      for (size_t group = 0; group < 16; ++group) {
        for (size_t i = 0; i < kLanes; ++i) {
          rounds(state[i], w[i][group % 4], 4 * group);
          if (group < 12) schedule(w[i], group);
        }
      }
      for (size_t i = 0; i < kLanes; ++i) {
        state[i].abef = _mm_add_epi32(state[i].abef, before[i].abef);
        state[i].cdgh = _mm_add_epi32(state[i].cdgh, before[i].cdgh);
      }
    }
    for (size_t i = 0; i < kLanes; ++i) store_state(streams[i]->state, state[i]);
  }
};

}  // namespace

void sha256_many_sse(std::span<ShaStream> streams) noexcept {
  static const bool has_sha_ni = detect_sha_ni();
  if (has_sha_ni) run_lanes<kLanes, kLanes>(streams, TakeTwo{});
  sha256_many_scalar(streams);  // what is left
}

}  // namespace pfs::simd_detail
