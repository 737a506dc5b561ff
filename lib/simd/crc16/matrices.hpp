#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// Folding without carry-less products: multiplying a byte by a constant modulo P is linear over GF(2), so GFNI does it
/// for 64 bytes at once. Two blocks of 64 bytes, `upper` 256 bytes in front of `lower`, take up the 16 bits of each
/// product: h in upper and l in lower stand for h * x^2048 + l.
namespace pfs::simd_detail {

constexpr uint32_t kPairDistance = 256;  ///< bytes; a multiple of 64 for which every product can be written so

/// (value * x^n) mod P, for a value below x^16.
constexpr uint32_t times_x(uint32_t value, uint32_t n) noexcept {
  for (; n > 0; --n) value = (value << 1) ^ ((value & 0x8000) != 0 ? 0x11021 : 0);
  return value;
}

/// (byte * value) mod P.
constexpr uint32_t times_byte(uint32_t byte, uint32_t value) noexcept {
  uint32_t product = 0;
  for (; byte > 0; byte >>= 1, value = times_x(value, 1)) product ^= (byte & 1) != 0 ? value : 0;
  return product;
}

constexpr uint32_t kPairWeight = times_x(1, 8 * kPairDistance);  ///< x^2048 mod P

/// What one byte becomes, as 8x8 matrices in the layout of GF2P8AFFINEQB.
struct ByteFold {
  uint64_t upper;
  uint64_t lower;
};

/// Moves a byte over `distance` bytes: what it adds to the upper and to the lower byte of the pair there.
constexpr ByteFold byte_fold(uint32_t distance) noexcept {
  // upper_of[r]: the h of which h * x^2048 mod P has r for its high byte. tests/simd shows that every r has one.
  std::array<uint8_t, 256> upper_of{};
  for (uint32_t h = 0; h < 256; ++h) upper_of[times_byte(h, kPairWeight) >> 8] = static_cast<uint8_t>(h);
  const uint32_t weight = times_x(1, 8 * distance);
  ByteFold fold{};
  for (uint32_t in = 0; in < 8; ++in) {
    const uint32_t residue = times_byte(1U << in, weight);
    const uint32_t upper = upper_of[residue >> 8];
    const uint32_t lower = residue ^ times_byte(upper, kPairWeight);
    for (uint32_t out = 0; out < 8; ++out) {  // the matrix's byte 7 - out gives bit `out`
      const uint32_t place = 8 * (7 - out) + in;
      fold.upper |= static_cast<uint64_t>(upper >> out & 1) << place;
      fold.lower |= static_cast<uint64_t>(lower >> out & 1) << place;
    }
  }
  return fold;
}

/// The two blocks of a pair, moved over `distance` bytes.
struct PairFold {
  ByteFold from_upper;
  ByteFold from_lower;
};

constexpr PairFold pair_fold(uint32_t distance) noexcept {
  return {byte_fold(distance + kPairDistance), byte_fold(distance)};
}

}  // namespace pfs::simd_detail
