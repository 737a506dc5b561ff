#pragma once

#include <cstdint>

/// Carry-less folding of a reflected CRC. Source: Gopal, Ozturk et al., Fast CRC Computation for Generic Polynomials
/// Using PCLMULQDQ, Intel 2009.
namespace pfs::simd_detail {

constexpr uint32_t kCastagnoli = 0x1EDC6F41;  ///< the polynomial without its x^32, highest power first

/// x^n mod P, reflected and moved up by one: what a carry-less product of reflected halves needs.
constexpr uint64_t power_reflected(uint32_t n) noexcept {
  uint32_t power = 1;
  for (; n > 0; --n) power = power << 1 ^ ((power & 0x80000000) != 0 ? kCastagnoli : 0);
  uint64_t reflected = 0;
  for (uint32_t bit = 0; bit < 32; ++bit) reflected |= uint64_t{power >> bit & 1} << (31 - bit);
  return reflected << 1;
}

/// For folding 128 bits over `Bytes`: the low half, which comes first in the message, and the high half.
template <uint32_t Bytes>
struct Fold {
  static constexpr uint64_t kLow = power_reflected(8 * Bytes + 32);
  static constexpr uint64_t kHigh = power_reflected(8 * Bytes - 32);
};

}  // namespace pfs::simd_detail
