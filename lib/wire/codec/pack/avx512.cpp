#include <immintrin.h>

#include <array>

#include "wire/codec/pack/pack.hpp"

// Values of up to 8 bits: eight become bytes, and PEXT closes the gaps. Wider ones are joined, two or four to a lane of
// up to 64 bits, and each 64 bits of output then come from at most three neighbouring lanes.
namespace pfs::simd_detail {
namespace {

constexpr uint64_t kLanes = 8;

/// Packs groups of eight values, `bits` bytes each, while all eight bytes of a store lie inside the output. Returns how
/// many values were packed.
uint64_t pack_narrow(const uint64_t* values, uint64_t count, uint32_t bits, uint8_t* out) noexcept {
  const uint64_t kept = (0xFFULL >> (8 - bits)) * 0x0101010101010101;
  uint64_t done = 0;
  for (; done + kLanes + 64 / bits <= count; done += kLanes, out += bits) {
    const __m128i bytes = _mm512_cvtepi64_epi8(_mm512_loadu_si512(values + done));
    _mm_storeu_si64(
        out, _mm_cvtsi64_si128(static_cast<int64_t>(_pext_u64(static_cast<uint64_t>(_mm_cvtsi128_si64(bytes)), kept))));
  }
  return done;
}

/// Joins sixteen lanes of `bits` by twos.
[[gnu::always_inline]] inline __m512i join(__m512i first, __m512i second, uint32_t bits) noexcept {
  const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
  const __m512i odd = _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1);
  return _mm512_or_si512(
      _mm512_permutex2var_epi64(first, even, second),
      _mm512_sll_epi64(_mm512_permutex2var_epi64(first, odd, second), _mm_cvtsi32_si128(static_cast<int>(bits))));
}

/// Loads eight lanes of kJoined values each.
template <uint32_t kJoined>
[[gnu::always_inline]] inline __m512i fields(const uint64_t* values, uint32_t bits) noexcept {
  if constexpr (kJoined == 1) {
    return _mm512_loadu_si512(values);
  } else {
    constexpr uint32_t kHalf = kJoined / 2;
    return join(fields<kHalf>(values, bits), fields<kHalf>(values + kHalf * kLanes, bits), kHalf * bits);
  }
}

/// Output lane q starts `gone[q]` bits into lane `from[q]`; the two lanes behind that one follow it.
struct Starts {
  uint64_t from[kLanes];
  uint64_t gone[kLanes];
};

constexpr uint32_t kNarrowest = 33;  // bits of a lane; 64 is the widest

/// One entry for each width of a lane. The table is not on the stack, because GCC takes an array there for aligned to
/// 64 bytes, which is wrong where AddressSanitizer keeps the frame.
constexpr std::array<Starts, 64 - kNarrowest + 1> kStarts = [] {
  std::array<Starts, 64 - kNarrowest + 1> all{};
  for (uint64_t width = kNarrowest; width <= 64; ++width) {
    for (uint64_t q = 0; q < kLanes; ++q) {
      all[width - kNarrowest].from[q] = 64 * q / width;
      all[width - kNarrowest].gone[q] = 64 * q % width;
    }
  }
  return all;
}();

template <uint32_t kJoined>
uint64_t pack_wide(const uint64_t* values, uint64_t count, uint32_t bits, uint8_t* out) noexcept {
  const uint32_t width = kJoined * bits;  // of a lane: 33 to 64 bits
  const Starts& starts = kStarts[width - kNarrowest];
  const __m512i first = _mm512_loadu_si512(starts.from);
  const __m512i second = _mm512_add_epi64(first, _mm512_set1_epi64(1));
  const __m512i third = _mm512_add_epi64(first, _mm512_set1_epi64(2));
  const __m512i right = _mm512_loadu_si512(starts.gone);
  const __m512i left = _mm512_sub_epi64(_mm512_set1_epi64(width), right);  // shifts of 64 and more leave zeros
  const __m512i further = _mm512_add_epi64(left, _mm512_set1_epi64(width));
  const __mmask64 written = ~uint64_t{0} >> (64 - width);  // eight lanes of `width` bits are `width` bytes
  uint64_t done = 0;
  for (; done + kJoined * kLanes <= count; done += kJoined * kLanes, out += width) {
    const __m512i lanes = fields<kJoined>(values + done, bits);
    const __m512i low = _mm512_srlv_epi64(_mm512_permutexvar_epi64(first, lanes), right);
    const __m512i middle = _mm512_sllv_epi64(_mm512_permutexvar_epi64(second, lanes), left);
    const __m512i high = _mm512_sllv_epi64(_mm512_permutexvar_epi64(third, lanes), further);
    _mm512_mask_storeu_epi8(out, written, _mm512_ternarylogic_epi64(low, middle, high, 0xFE));
  }
  return done;
}

}  // namespace

uint64_t pack_avx512(std::span<const uint64_t> values, uint32_t bits, uint8_t* out) noexcept {
  if (bits == 0) return 0;
  uint64_t done;
  if (bits <= 8) {
    done = pack_narrow(values.data(), values.size(), bits, out);
  } else if (bits <= 16) {
    done = pack_wide<4>(values.data(), values.size(), bits, out);
  } else if (bits <= 32) {
    done = pack_wide<2>(values.data(), values.size(), bits, out);
  } else {
    done = pack_wide<1>(values.data(), values.size(), bits, out);
  }
  const uint64_t bytes = done / 8 * bits;  // `done` is a multiple of eight
  return bytes + pack_scalar(values.subspan(done), bits, out + bytes);
}

}  // namespace pfs::simd_detail
