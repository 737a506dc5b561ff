#pragma once

#include <cstdint>

namespace pfs {

/// Where each tier's references point (BLOB.md, WIRE.md section 1). Offsets and sizes in bytes from the blob's start.
struct Layout {
  uint64_t size = 0;         ///< the whole blob; a multiple of 1 MiB for a real blob
  uint64_t l1 = 4096;        ///< 256 bytes: byte r is r
  uint64_t l2 = 8192;        ///< 65,536 words
  uint64_t l3 = 1 << 20;     ///< blocks to the end
  uint32_t word = 8;         ///< bytes an L2 reference denotes
  uint32_t block = 64;       ///< bytes an L3 reference denotes; a power of two, 64 to 65,536
};

/// True if [offset, offset + length) lies inside `size` bytes. Written so that no sum can wrap.
constexpr bool inside(uint64_t offset, uint64_t length, uint64_t size) noexcept {
  return offset <= size && length <= size - offset;
}

}  // namespace pfs
