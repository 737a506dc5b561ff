#pragma once

#include <array>
#include <cstdint>

/// Constants of the carry-less forms, P = x^16 + x^12 + x^5 + 1. tests/simd derives each from P.
namespace pfs::simd_detail {

/// x^n mod P for folding 128 bits over `distance` bytes: the low half moves by 8 * distance bits, the high half by 64
/// bits more.
struct FoldConstants {
  uint32_t distance;  ///< bytes
  uint64_t high;      ///< x^(8 * distance + 64) mod P
  uint64_t low;       ///< x^(8 * distance) mod P
};

constexpr FoldConstants kFold256{256, 0xF17E, 0xFD50};
constexpr FoldConstants kFold128{128, 0x71C4, 0x36C4};
constexpr FoldConstants kFold64{64, 0x8832, 0x13FC};
constexpr FoldConstants kFold48{48, 0x2535, 0xCDE2};
constexpr FoldConstants kFold32{32, 0x26AA, 0x8E29};
constexpr FoldConstants kFold16{16, 0x650B, 0xAEFC};
constexpr FoldConstants kFold0{0, 0xB861, 0x0001};

constexpr uint64_t kX64 = 0xB861;                  ///< x^64 mod P
constexpr uint64_t kBarrett = 0x11303471A041B343;  ///< floor(x^80 / P) without its x^64
constexpr uint64_t kPolynomialLow = 0x1021;        ///< P without its x^16

constexpr uint32_t kShortCrc = 64;  ///< bytes that one register holds

/// What a CRC is multiplied by to stand in front of n bytes, 2 to kShortCrc, whose own CRC is taken apart:
/// x^(8 * n - 16) mod P. The last step of a CRC multiplies by x^16.
constexpr std::array<uint16_t, kShortCrc + 1> make_in_front() noexcept {
  std::array<uint16_t, kShortCrc + 1> powers{};
  uint32_t power = 1;
  for (uint32_t n = 2; n <= kShortCrc; ++n) {
    powers[n] = static_cast<uint16_t>(power);
    for (uint32_t bit = 0; bit < 8; ++bit) power = (power << 1 ^ (power & 0x8000 ? 0x11021 : 0)) & 0xFFFF;
  }
  return powers;
}
constexpr std::array<uint16_t, kShortCrc + 1> kInFront = make_in_front();

}  // namespace pfs::simd_detail
