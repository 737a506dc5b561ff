#include "reduce/encode.hpp"

#include <algorithm>

namespace pfs::reduce {
namespace {

/// Bytes of a copy's references, if a run of L3 denotes it; else UINT32_MAX.
uint32_t run_bytes(const Piece& piece, const Layout& layout) noexcept {
  constexpr uint32_t kHead = 1;
  constexpr uint32_t kReference = 4;
  constexpr uint64_t kMost = 16;  // longer runs cost more than EXTENTS
  if (!piece.is(PieceKind::kCopy) || piece.from < layout.l3 || piece.length > kMost * layout.block) return UINT32_MAX;
  if ((piece.from - layout.l3) % layout.block != 0 || piece.length % layout.block != 0) return UINT32_MAX;
  return kHead + kReference * static_cast<uint32_t>(piece.length / layout.block);
}

uint64_t reference_cost(const Piece& piece, bool behind_another, const Layout& layout,
                        const WireCosts& costs) noexcept {
  return std::min(behind_another ? costs.next_copy : costs.copy, run_bytes(piece, layout));
}

}  // namespace

size_t drop_costly(std::span<Piece> pieces, const Layout& layout, const WireCosts& costs) noexcept {
  size_t count = 0;  // pieces that are kept, of which the last one may still grow
  uint64_t at = 0;   // of the input
  for (size_t i = 0; i < pieces.size(); ++i) {
    Piece piece = pieces[i];
    const uint64_t length = piece.length;
    const bool literal_before = count > 0 && pieces[count - 1].is(PieceKind::kLiteral);
    if (!piece.is(PieceKind::kLiteral)) {
      const bool literal_behind = i + 1 < pieces.size() && pieces[i + 1].is(PieceKind::kLiteral);
      // As a literal the piece joins those beside it: two need one head between them, none needs one of its own.
      const int64_t heads = 1 - int64_t{literal_before} - int64_t{literal_behind};
      const bool behind_another = count > 0 && !literal_before;
      const auto kept = static_cast<int64_t>(reference_cost(piece, behind_another, layout, costs));
      const int64_t dropped = heads * costs.literal +
                              static_cast<int64_t>(std::min<uint64_t>(length, UINT32_MAX) * costs.literal_of_256 / 256);
      if (dropped <= kept) piece = make_piece(PieceKind::kLiteral, at, length);
    }
    at += length;
    if (count > 0 && goes_on(pieces[count - 1], piece)) {
      pieces[count - 1].length += length;
    } else {
      pieces[count++] = piece;
    }
  }
  return count;
}

uint64_t write_descriptors(PieceCursor& cursor, const Layout& layout, uint64_t most, DescriptorTable& out) noexcept {
  const ZeroGap gap = zero_gap(layout);
  uint64_t done = 0;
  while (!cursor.left.empty() && done < most) {
    const Piece& piece = cursor.left[0];
    uint64_t length = std::min<uint64_t>({piece.length - cursor.taken, most - done});
    uint64_t from = piece.from + cursor.taken;
    if (piece.is(PieceKind::kZeros)) {
      length = std::min(length, gap.bytes);
      from = gap.offset;
    }
    const Space space = piece.is(PieceKind::kLiteral) ? Space::kSlab : Space::kBlob;
    if (out.count == out.capacity) break;
    out.data[out.count++] = {from, length, static_cast<uint64_t>(space)};
    done += length;
    cursor.taken += length;
    if (cursor.taken == piece.length) {
      cursor.left = cursor.left.subspan(1);
      cursor.taken = 0;
    }
  }
  return done;
}

}  // namespace pfs::reduce
