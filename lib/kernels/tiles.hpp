#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "kernels/kernel.hpp"

namespace pfs {

/// Bytes that several operations see one after the other before the next are touched: half of a 32 KiB L1, the rest
/// is for the operations' own states and what is being prefetched. A multiple of 8, for operations on u64.
constexpr uint32_t kTileBytes = 16 << 10;

/// A stretch of denoted bytes, as ranges in order.
class Tile {
 public:
  struct Range {
    uint8_t* data;
    uint64_t bytes;
  };

  /// True while it has room for bytes and ranges.
  [[nodiscard]] bool open() const noexcept { return bytes_ < kTileBytes && count_ < kRangesMax; }
  /// Takes the beginning of a range; returns how many bytes of it.
  uint64_t add(uint8_t* data, uint64_t bytes) noexcept {
    const uint64_t taken = std::min<uint64_t>(bytes, kTileBytes - bytes_);
    ranges_[count_++] = {data, taken};
    bytes_ += taken;
    return taken;
  }
  void clear() noexcept { count_ = 0, bytes_ = 0; }
  [[nodiscard]] std::span<const Range> ranges() const noexcept { return {ranges_.data(), count_}; }

 private:
  static constexpr uint32_t kRangesMax = 256;  // 64-byte blocks fill a tile
  std::array<Range, kRangesMax> ranges_;
  uint32_t count_ = 0;
  uint64_t bytes_ = 0;
};

/// Copies a tile's bytes side by side; returns how many. `to` has room for kTileBytes.
inline uint64_t gather(const Tile& tile, uint8_t* to) noexcept {
  uint64_t bytes = 0;
  for (const Tile::Range& range : tile.ranges()) {
    std::memcpy(to + bytes, range.data, range.bytes);
    bytes += range.bytes;
  }
  return bytes;
}

/// Asks for part `part` of `parts` of a tile's lines, into L2. Spread over the work on the tile before, so that memory
/// and ALU are busy at the same time.
inline void prefetch_part(const Tile& tile, uint32_t part, uint32_t parts) noexcept {
  const uint64_t from = kTileBytes * uint64_t{part} / parts;
  const uint64_t to = kTileBytes * uint64_t{part + 1} / parts;
  uint64_t before = 0;
  for (const Tile::Range& range : tile.ranges()) {
    const uint64_t after = before + range.bytes;
    if (before >= to) return;
    for (uint64_t at = std::max(before, from); at < std::min(after, to); at += 64)
      __builtin_prefetch(range.data + (at - before), 0, 2);
    before = after;
  }
}

/// Calls visit(const Tile& tile, const Tile& next) for the input's bytes, tile by tile in order. The next one is there
/// to be prefetched; behind the last it is empty.
template <class Visit>
void for_each_tile(const KernelInput& input, Visit&& visit) noexcept {
  std::array<Tile, 2> tiles;
  Tile* filling = &tiles[0];
  Tile* full = &tiles[1];
  const auto turn = [&]() noexcept {
    if (!full->ranges().empty()) visit(*full, *filling);
    full->clear();
    std::swap(filling, full);
  };
  for (const Descriptor& descriptor : input.table) {
    // What is written lies in the blob, whose view is writable; the slab is only read.
    auto* data = const_cast<uint8_t*>(input.at(descriptor));
    for (uint64_t left = descriptor.length; left > 0;) {
      const uint64_t taken = filling->add(data, left);
      data += taken;
      left -= taken;
      if (!filling->open()) turn();
    }
  }
  turn();
  turn();
}

}  // namespace pfs
