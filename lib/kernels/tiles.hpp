#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/prefetch.hpp"
#include "kernels/kernel.hpp"

namespace pfs {

/// Bytes that several operations see one after the other before the next are touched.
constexpr uint32_t kTileBytes = kRoomBytes;

/// A stretch of denoted bytes: what of them makes up a tile, as a table.
using Tile = std::span<const Descriptor>;

/// Cuts a table into tiles: as many whole ranges as fit, or as much as fits of a longer one.
class Tiles {
 public:
  explicit Tiles(std::span<const Descriptor> table) noexcept : left_(table) {}

  /// The next tile; empty behind the last. It stays until the one after the next is asked for.
  Tile next() noexcept {
    size_t count = 0;
    if (taken_ == 0) {
      uint64_t bytes = 0;
      while (count < left_.size() && count < kRangesMax && bytes + left_[count].length <= kTileBytes)
        bytes += left_[count++].length;
    }
    if (count == 0) return left_.empty() ? Tile{} : piece();
    const Tile tile = left_.first(count);
    left_ = left_.subspan(count);
    return tile;
  }

 private:
  static constexpr size_t kRangesMax = 256;  // 64-byte blocks fill a tile

  Tile piece() noexcept {
    const Descriptor& range = left_[0];
    const uint64_t bytes = std::min<uint64_t>(range.length - taken_, kTileBytes);
    turn_ = 1 - turn_;
    Descriptor& piece = pieces_[turn_];
    // Field by field: GCC copies a whole one by a vector register, whose upper part waits for what ISA-L computes in
    // it, and the loads of the tile wait for the copy.
    piece.offset = range.offset + taken_;
    piece.length = bytes;
    piece.space = range.space;
    taken_ += bytes;
    if (taken_ == range.length) {
      left_ = left_.subspan(1);
      taken_ = 0;
    }
    return {&piece, 1};
  }

  std::span<const Descriptor> left_;
  uint64_t taken_ = 0;  // bytes of left_[0]
  std::array<Descriptor, 2> pieces_;
  uint32_t turn_ = 0;
};

/// Asks for the first lines of each range of a tile. Of long ranges no more: the hardware streams the rest while the
/// first operation reads, and asking for whole tiles only kept that operation waiting (bench/kernels, 4KiB).
[[gnu::always_inline]] inline void prefetch_beginnings(const KernelInput& input, Tile tile) noexcept {
  constexpr uint64_t kAsked = 256;  // bytes
  for (const Descriptor& range : tile) {
    const uint8_t* at = input.at(range);
    for (const uint8_t* end = at + std::min<uint64_t>(range.length, kAsked); at < end; at += 64) prefetch_into_l2(at);
  }
}

/// Calls visit(Tile tile, Tile next) for the input's bytes, tile by tile in order. The next one is there to be
/// prefetched; behind the last it is empty.
template <class Visit>
void for_each_tile(const KernelInput& input, Visit&& visit) noexcept {
  if (input.bytes <= kTileBytes) {  // most grams of small frames
    if (!input.table.empty()) visit(input.table, Tile{});
    return;
  }
  Tiles tiles(input.table);
  for (Tile tile = tiles.next(); !tile.empty();) {
    const Tile next = tiles.next();
    visit(tile, next);
    tile = next;
  }
}

}  // namespace pfs
