#pragma once

#include <cstdint>

namespace pfs {

/// The keyed permutation of 32-bit references (WIRE.md section 1), from a reference on the wire to a block index. The
/// permutation is affine over GF(2): it hides layout from a casual reader and protects nothing. decode_run() has the
/// vector forms.
constexpr uint32_t prp32(uint32_t wire, uint32_t key) noexcept {
  uint32_t x = wire ^ (key * 0x9E3779B9u);
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return x ^ key ^ 0x85EBCA77u;
}

/// The inverse, from a block index to the reference that a sender puts on the wire. Shifts of s, 2s, 4s ... bits undo a
/// shift-xor by s.
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
