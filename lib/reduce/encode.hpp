#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/descriptor.hpp"
#include "blob/layout.hpp"
#include "reduce/piece.hpp"

namespace pfs::reduce {

/// What pieces cost on the wire, in bytes. It decides which copies are not worth their reference.
struct WireCosts {
  uint32_t copy = 24;      ///< a copy with literals on both sides: an EXTENTS of its own
  uint32_t next_copy = 8;  ///< a copy right behind another one: its share of the packed arrays
  uint32_t literal = 3;    ///< a literal beside its bytes: a LITERAL unit's head
  uint32_t literal_of_256 =
      256;  ///< bytes of the wire that 256 bytes of literals take: fewer where they are compressed
};

/// Makes literals of those copies and runs of zeros that take more of the wire than their bytes would as a part of the
/// literals beside them. Returns how many pieces are left, which stand at the list's beginning and denote the same
/// input, whose first byte the list's first piece begins with.
size_t drop_costly(std::span<Piece> pieces, const Layout& layout, const WireCosts& costs) noexcept;

/// The zeros that every blob has between its words and its blocks (BLOB.md): a run of zeros is a reference to them.
struct ZeroGap {
  uint64_t offset = 0;
  uint64_t bytes = 0;
};
constexpr ZeroGap zero_gap(const Layout& layout) noexcept {
  constexpr uint64_t kWords = 65536;
  const uint64_t begin = layout.l2 + kWords * layout.word;
  return {begin, layout.l3 - begin};
}

/// Writes pieces as descriptors for a GramBuilder, whose slab is the input: copies and zeros as ranges of the blob
/// (where GramBuilder chooses references or EXTENTS), literals as ranges of the slab. Goes on from `piece` and from
/// `taken` bytes of it, until all are written, `out` is full, or the descriptors denote `most` bytes; returns how many
/// bytes they denote.
struct PieceCursor {
  std::span<const Piece> left;
  uint64_t taken = 0;  ///< bytes of left[0]
};
uint64_t write_descriptors(PieceCursor& cursor, const Layout& layout, uint64_t most, DescriptorTable& out) noexcept;

}  // namespace pfs::reduce
