#pragma once

#include <cstdint>

#include "base/result.hpp"

namespace pfs {

constexpr uint64_t kPieceBytes = 1 << 20;  ///< bytes that one Merkle leaf covers

/// The places that each tier's references point to (BLOB.md, WIRE.md section 1). Offsets are in bytes from the blob's
/// start, sizes in bytes.
struct Layout {
  uint64_t size = 0;      ///< the whole blob; a multiple of 1 MiB for a real blob
  uint64_t l1 = 4096;     ///< 256 bytes: byte r is r
  uint64_t l2 = 8192;     ///< 65,536 words
  uint64_t l3 = 1 << 20;  ///< blocks to the end
  uint32_t word = 8;      ///< bytes an L2 reference denotes
  uint32_t block = 64;    ///< bytes an L3 reference denotes; a power of two, 64 to 65,536
};

/// True if [offset, offset + length) lies inside `size` bytes. No sum can wrap.
constexpr bool inside(uint64_t offset, uint64_t length, uint64_t size) noexcept {
  return offset <= size && length <= size - offset;
}

/// The layout of a real blob. Error, without a place since the caller knows the key, if `size` is below 2 MiB or not a
/// multiple of 1 MiB, or if `block` is not a power of two from 64 to 65,536. A blob beyond l3_reach() is not an error:
/// EXTENTS, whose offsets are 64 bits wide, denote what L3 runs cannot.
Result<Layout> make_layout(uint64_t size, uint64_t block);

/// Bytes from the blob's start that 32-bit L3 references can denote: at most 2^32 blocks (256 GiB of 64-byte blocks).
constexpr uint64_t l3_reach(const Layout& layout) noexcept {
  const uint64_t span = uint64_t{layout.block} << 32;
  return layout.size - layout.l3 < span ? layout.size : layout.l3 + span;
}

}  // namespace pfs
