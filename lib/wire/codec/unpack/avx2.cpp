#include <immintrin.h>

#include "wire/codec/unpack/unpack.hpp"

// A step takes four values. Two neighbours of at most 57 bits touch at most 16 bytes, so each pair takes one load, a
// shuffle that brings each value's bytes into its lane, a shift and a mask. Wider values, and the end, go to the scalar
// version.
namespace pfs::simd_detail {
namespace {

/// The places of four values that start at bit `first` (below 8) of their first byte.
struct Quad {
  uint64_t pair[2];  ///< the byte of each pair's first value
  __m256i bytes;     ///< each lane's eight bytes, within the pair's sixteen
  __m256i shift;

  [[gnu::always_inline]] Quad(uint32_t bits, uint32_t first) noexcept {
    const auto byte = [&](uint32_t lane) { return (first + lane * bits) / 8; };
    const auto bit = [&](uint32_t lane) { return (first + lane * bits) % 8; };
    pair[0] = byte(0);
    pair[1] = byte(2);
    constexpr int64_t kOnes = 0x0101010101010101;
    bytes = _mm256_add_epi8(_mm256_set_epi64x((byte(3) - byte(2)) * kOnes, 0, (byte(1) - byte(0)) * kOnes, 0),
                            _mm256_set1_epi64x(0x0706050403020100));
    shift = _mm256_set_epi64x(bit(3), bit(2), bit(1), bit(0));
  }

  [[nodiscard, gnu::always_inline]] __m256i values(const uint8_t* at, __m256i mask) const noexcept {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + pair[0]));
    const __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(low),
                                                 _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + pair[1])), 1);
    return _mm256_and_si256(_mm256_srlv_epi64(_mm256_shuffle_epi8(both, bytes), shift), mask);
  }
};

}  // namespace

void unpack_avx2(std::span<const uint8_t> packed, uint32_t bits, std::span<uint64_t> out) noexcept {
  if (bits == 0 || bits > 57) return unpack_scalar(packed, bits, out);
  // Eight values are `bits` bytes. The first four start at a byte, the others at bit 0 or 4 of one.
  const Quad first(bits, 0);
  Quad second(bits, bits * 4 % 8);
  for (auto& byte : second.pair) byte += bits / 2;
  const __m256i mask = _mm256_set1_epi64x(static_cast<int64_t>(~uint64_t{0} >> (64 - bits)));
  const uint64_t reach = second.pair[1] + 16;  // bytes from the group's start that are read
  uint64_t done = 0;
  uint64_t at = 0;
  for (; done + 8 <= out.size() && at + reach <= packed.size(); done += 8, at += bits) {
    auto* to = reinterpret_cast<__m256i*>(out.data() + done);
    _mm256_storeu_si256(to, first.values(packed.data() + at, mask));
    _mm256_storeu_si256(to + 1, second.values(packed.data() + at, mask));
  }
  unpack_scalar(packed.subspan(at), bits, out.subspan(done));
}

}  // namespace pfs::simd_detail
