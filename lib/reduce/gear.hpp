#pragma once

#include <array>
#include <cstdint>

#include "base/splitmix.hpp"

namespace pfs::reduce {

constexpr uint32_t kGearWindow =
    64;  ///< bytes that the hash depends on: each byte's number is shifted out after 64 more

constexpr std::array<uint64_t, 256> make_gear() noexcept {
  std::array<uint64_t, 256> numbers{};
  SplitMix64 random(0x47454152);
  for (uint64_t& number : numbers) number = random.next();
  return numbers;
}

/// A random number for each byte value. Both ends of a session need not have the same: cuts never travel.
inline constexpr std::array<uint64_t, 256> kGear = make_gear();

/// The gear hash after one more byte.
[[gnu::always_inline]] inline uint64_t gear_step(uint64_t hash, uint8_t byte) noexcept {
  return (hash << 1) + kGear[byte];
}

}  // namespace pfs::reduce
