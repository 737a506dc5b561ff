#include "kernels/tiles.hpp"

#include <gtest/gtest.h>

#include <random>

#include "blob/stretches.hpp"

namespace pfs {
namespace {

/// The tiles of a table, each copied before the one after the next is asked for.
std::vector<std::vector<Descriptor>> cut(std::span<const Descriptor> table) {
  Tiles tiles(table);
  std::vector<std::vector<Descriptor>> all;
  Tile tile = tiles.next();
  while (!tile.empty()) {
    const Tile next = tiles.next();
    all.emplace_back(tile.begin(), tile.end());
    tile = next;
  }
  EXPECT_TRUE(tiles.next().empty()) << "empty once, empty for good";
  return all;
}

uint64_t bytes_of(std::span<const Descriptor> table) {
  uint64_t bytes = 0;
  for (const Descriptor& range : table) bytes += range.length;
  return bytes;
}

/// Ranges that touch made one, so that cuts do not show.
std::vector<Descriptor> joined(std::span<const Descriptor> table) {
  std::vector<Descriptor> whole;
  while (!table.empty()) table = table.subspan(one_range(table, whole.emplace_back()));
  return whole;
}

TEST(Tiles, AreTheTableInOrderAndNoneIsLargerThanATile) {
  std::random_device seed;
  const auto first = seed();
  std::mt19937_64 random(first);
  for (int turn = 0; turn < 300; ++turn) {
    std::vector<Descriptor> table;
    const uint64_t longest = uint64_t{1} << (random() % 18);
    for (uint64_t i = 1 + random() % 600, at = 0; i > 0; --i) {
      const uint64_t length = 1 + random() % longest;
      table.push_back(random() % 8 == 0 ? slab_range(at, length) : blob_range(at, length));
      at += length + random() % 3;
    }
    std::vector<Descriptor> all;
    for (const auto& tile : cut(table)) {
      EXPECT_LE(bytes_of(tile), kTileBytes) << "seed " << first;
      all.insert(all.end(), tile.begin(), tile.end());
    }
    ASSERT_EQ(joined(all), joined(table)) << "seed " << first << " turn " << turn;
  }
}

TEST(Tiles, WholeRangesStayWhole) {
  const std::vector<Descriptor> table(300, blob_range(0, 64));
  const auto tiles = cut(table);
  ASSERT_EQ(tiles.size(), 2U);
  EXPECT_EQ(tiles[0].size(), kTileBytes / 64);
}

TEST(Tiles, ALongRangeIsCutAndKeepsItsSpace) {
  const std::vector<Descriptor> table = {blob_range(7, 100), slab_range(3, 2 * kTileBytes + 1), blob_range(0, 1)};
  const std::vector<std::vector<Descriptor>> expected = {{blob_range(7, 100)},
                                                         {slab_range(3, kTileBytes)},
                                                         {slab_range(3 + kTileBytes, kTileBytes)},
                                                         {slab_range(3 + 2 * kTileBytes, 1)},
                                                         {blob_range(0, 1)}};
  EXPECT_EQ(cut(table), expected);
}

TEST(Tiles, NoRangesNoTiles) { EXPECT_TRUE(cut({}).empty()); }

}  // namespace
}  // namespace pfs
