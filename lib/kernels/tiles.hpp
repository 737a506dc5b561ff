#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "kernels/kernel.hpp"

namespace pfs {

/// Bytes that several operations see one after the other before the next are touched.
constexpr uint32_t kTileBytes = kRoomBytes;

/// A stretch of denoted bytes: what of them makes up a tile, as a table.
using Tile = std::span<const Descriptor>;

/// Ranges that are collected for a tile.
class TileRoom {
 public:
  /// True while it has room for bytes and ranges.
  [[nodiscard]] bool open() const noexcept { return bytes_ < kTileBytes && count_ < kRangesMax; }
  /// Takes the beginning of a range; returns how many bytes of it.
  uint64_t add(const Descriptor& range) noexcept {
    const uint64_t taken = std::min<uint64_t>(range.length, kTileBytes - bytes_);
    bytes_ += taken;
    if (count_ > 0 && adjoins(ranges_[count_ - 1], range)) {
      ranges_[count_ - 1].length += taken;
    } else {
      ranges_[count_] = range;
      ranges_[count_++].length = taken;
    }
    return taken;
  }
  void clear() noexcept { count_ = 0, bytes_ = 0; }
  [[nodiscard]] Tile tile() const noexcept { return {ranges_.data(), count_}; }

 private:
  static constexpr uint32_t kRangesMax = 256;  // 64-byte blocks fill a tile
  std::array<Descriptor, kRangesMax> ranges_;
  uint32_t count_ = 0;
  uint64_t bytes_ = 0;
};

/// Asks for `count` parts from part `first`, of `parts`, of a tile's lines, into L2. Spread over the work on the tile
/// before, so that memory and ALU are busy at the same time.
inline void prefetch_parts(const KernelInput& input, Tile tile, uint32_t first, uint32_t count,
                           uint32_t parts) noexcept {
  const uint64_t from = kTileBytes * uint64_t{first} / parts;
  const uint64_t to = kTileBytes * uint64_t{first + count} / parts;
  uint64_t before = 0;
  for (const Descriptor& range : tile) {
    const uint64_t after = before + range.length;
    if (before >= to) return;
    const uint8_t* data = input.at(range);
    for (uint64_t at = std::max(before, from); at < std::min(after, to); at += 64)
      __builtin_prefetch(data + (at - before), 0, 2);
    before = after;
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
  std::array<TileRoom, 2> rooms;
  TileRoom* filling = &rooms[0];
  TileRoom* full = &rooms[1];
  const auto turn = [&]() noexcept {
    if (!full->tile().empty()) visit(full->tile(), filling->tile());
    full->clear();
    std::swap(filling, full);
  };
  for (Descriptor left : input.table) {
    while (left.length > 0) {
      const uint64_t taken = filling->add(left);
      left.offset += taken;
      left.length -= taken;
      if (!filling->open()) turn();
    }
  }
  turn();
  turn();
}

}  // namespace pfs
