#pragma once

#include <cstdint>

namespace pfs {

/// The keyed permutation of 32-bit references (WIRE.md section 1): from what is on the wire to a block index. Affine
/// over GF(2): it hides layout from a casual reader, it protects nothing. The vector forms are part of decode_run().
constexpr uint32_t prp32(uint32_t wire, uint32_t key) noexcept {
  uint32_t x = wire ^ (key * 0x9E3779B9u);
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return x ^ key ^ 0x85EBCA77u;
}

/// From a block index to what a sender puts on the wire. A shift-xor by s is undone by shifts of s, 2s, 4s ... bits.
constexpr uint32_t prp32_inverse(uint32_t index, uint32_t key) noexcept {
  uint32_t x = index ^ key ^ 0x85EBCA77u;
  x ^= x << 5;
  x ^= x << 10;
  x ^= x << 20;
  x ^= x >> 17;
  x ^= x << 13;
  x ^= x << 26;
  return x ^ (key * 0x9E3779B9u);
}

}  // namespace pfs
