#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/prefetch.hpp"
#include "blob/table_cursor.hpp"
#include "kernels/kernel.hpp"

namespace pfs {

/// Bytes that several operations see one after the other before the next are touched.
constexpr uint32_t kTileBytes = kRoomBytes;

/// A stretch of denoted bytes: what of them makes up a tile, as a table.
using Tile = std::span<const Descriptor>;

/// Cuts a table into tiles: as many whole ranges as fit, or as much as fits of a longer one.
class Tiles {
 public:
  Tiles() = default;
  explicit Tiles(std::span<const Descriptor> table) noexcept : cursor_(table) {}

  /// The next tile; empty behind the last. It stays until the one after the next is asked for.
  Tile next() noexcept {
    turn_ = 1 - turn_;
    return cursor_.next(kTileBytes, kRangesMax, pieces_[turn_]);
  }

 private:
  static constexpr size_t kRangesMax = 256;  // 64-byte blocks fill a tile

  TableCursor cursor_;
  std::array<Descriptor, 2> pieces_;
  uint32_t turn_ = 0;
};

/// Asks for the first lines of each range of a tile. Of long ranges no more is asked for, because the hardware streams
/// the rest while the first operation reads, and asking for whole tiles only kept that operation waiting
/// (bench/kernels, 4KiB).
[[gnu::always_inline]] inline void prefetch_beginnings(const KernelInput& input, Tile tile) noexcept {
  constexpr uint64_t kAsked = 256;  // bytes
  for (const Descriptor& range : tile) {
    const uint8_t* at = input.at(range);
    for (const uint8_t* end = at + std::min<uint64_t>(range.length, kAsked); at < end; at += 64) prefetch_into_l2(at);
  }
}

}  // namespace pfs
