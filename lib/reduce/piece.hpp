#pragma once

#include <cstddef>
#include <cstdint>

namespace pfs::reduce {

/// What a stretch of the input is made of.
enum class PieceKind : uint8_t {
  kCopy,     ///< the blob holds these bytes at `from`
  kLiteral,  ///< nobody holds them: the input's bytes from `from` on
  kZeros,    ///< all of them are zero
};

/// A stretch of the input. A list of pieces denotes the input from its beginning, without gaps.
struct Piece {
  uint64_t from = 0;         ///< bytes from the blob's or the input's start; 0 for zeros
  uint64_t length : 62 = 0;  ///< bytes, at least 1
  uint64_t kind_bits : 2 = 0;

  [[nodiscard]] PieceKind kind() const noexcept { return static_cast<PieceKind>(kind_bits); }
  [[nodiscard]] bool is(PieceKind kind) const noexcept { return this->kind() == kind; }
  bool operator==(const Piece&) const = default;
};
static_assert(sizeof(Piece) == 16);

constexpr Piece make_piece(PieceKind kind, uint64_t from, uint64_t length) noexcept {
  Piece piece;
  piece.from = from;
  piece.length = length;
  piece.kind_bits = static_cast<uint64_t>(kind);
  return piece;
}

/// True if `next` goes on where `piece` ends, so that both are one piece.
constexpr bool goes_on(const Piece& piece, const Piece& next) noexcept {
  return piece.kind_bits == next.kind_bits && (piece.is(PieceKind::kZeros) || piece.from + piece.length == next.from);
}

/// An array of the caller's that pieces are appended to.
struct PieceTable {
  Piece* data = nullptr;
  size_t count = 0;
  size_t capacity = 0;

  /// Adds a piece, merged into the last one where it goes on there, unless that one is below `first`. False, and
  /// nothing changed, if the table is full.
  bool push(size_t first, const Piece& piece) noexcept {
    if (count > first && goes_on(data[count - 1], piece)) {
      data[count - 1].length += piece.length;
      return true;
    }
    if (count == capacity) return false;
    data[count++] = piece;
    return true;
  }
};

}  // namespace pfs::reduce
