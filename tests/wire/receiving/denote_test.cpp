#include "wire/receiving/denote.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "base/endian.hpp"
#include "wire/codec/prp32/prp32.hpp"

namespace pfs {
namespace {

constexpr Layout kLayout{.size = 1 << 21};

struct Table {
  std::array<Descriptor, 600> room{};
  DescriptorTable view{.data = room.data(), .count = 0, .capacity = static_cast<uint32_t>(room.size())};
  [[nodiscard]] std::vector<Descriptor> ranges() const { return {view.data, view.data + view.count}; }
};

std::vector<uint8_t> l3(std::initializer_list<uint32_t> references) {
  std::vector<uint8_t> out(references.size() * 4);
  uint8_t* at = out.data();
  for (const uint32_t reference : references) {
    store_be(at, reference);
    at += 4;
  }
  return out;
}

Drop denote(Tier tier, const std::vector<uint8_t>& bytes, Table& table, const Layout& layout = kLayout,
            uint32_t first = 0) {
  const auto count = static_cast<uint32_t>(bytes.size() / reference_bytes(tier));
  return denote_run(tier, bytes.data(), count, layout, false, 0, table.view, first);
}

/// EXTENTS without packed arrays: every delta and length is 0.
ExtentsUnit plain(uint32_t count, uint64_t base, int64_t step, uint32_t shortest) {
  return {.count = count, .base = base, .step = static_cast<uint64_t>(step), .shortest = shortest};
}

TEST(Denote, EachTierPointsAtItsOwnBase) {
  Table table;
  EXPECT_EQ(denote(Tier::kL1, {7}, table), Drop::kNone);
  EXPECT_EQ(denote(Tier::kL2, {0, 3}, table), Drop::kNone);
  EXPECT_EQ(denote(Tier::kL3, l3({2}), table), Drop::kNone);
  EXPECT_EQ(table.ranges(),
            (std::vector{blob_range(4103, 1), blob_range(8192 + 24, 8), blob_range((1 << 20) + 128, 64)}));
}

TEST(Denote, TheLastBlockIsInAndTheNextIsOut) {
  const uint32_t blocks = (1 << 20) / 64;
  Table table;
  EXPECT_EQ(denote(Tier::kL3, l3({blocks - 1}), table), Drop::kNone);
  EXPECT_EQ(denote(Tier::kL3, l3({blocks}), table), Drop::kOutOfBounds);
  Layout odd = kLayout;
  odd.size -= 1;  // the last block no longer lies inside whole
  EXPECT_EQ(denote(Tier::kL3, l3({blocks - 1}), table, odd), Drop::kOutOfBounds);
}

TEST(Denote, NoBaseNearTheEndOf64BitsWrapsIntoTheBlob) {
  Layout layout = kLayout;
  layout.l3 = ~uint64_t{0} - 63;  // + 64 would be 0
  Table table;
  EXPECT_EQ(denote(Tier::kL3, l3({0}), table, layout), Drop::kOutOfBounds);
  EXPECT_EQ(denote(Tier::kL3, l3({1}), table, layout), Drop::kOutOfBounds);
}

TEST(Denote, AdjacentRangesMergeAcrossUnitsButNotAcrossFrames) {
  Table table;
  EXPECT_EQ(denote(Tier::kL3, l3({1, 2}), table), Drop::kNone);
  EXPECT_EQ(denote(Tier::kL3, l3({3}), table), Drop::kNone);
  EXPECT_EQ(denote_extents(plain(1, (1 << 20) + 256, 0, 10), kLayout, table.view, 0), Drop::kNone);
  EXPECT_EQ(table.ranges(), (std::vector{blob_range((1 << 20) + 64, 3 * 64 + 10)}));
  EXPECT_EQ(denote_extents(plain(1, (1 << 20) + 266, 0, 10), kLayout, table.view, 1), Drop::kNone);
  EXPECT_EQ(table.view.count, 2u) << "the last range belongs to the frame before";
}

TEST(Denote, SlabAndBlobNeverMerge) {
  Table table;
  EXPECT_EQ(denote_literal(0, 4096, table.view, 0), Drop::kNone);
  EXPECT_EQ(denote(Tier::kL1, {0}, table), Drop::kNone);
  EXPECT_EQ(denote_literal(4096, 1, table.view, 0), Drop::kNone);
  EXPECT_EQ(denote_literal(4097, 2, table.view, 0), Drop::kNone);
  EXPECT_EQ(table.ranges(), (std::vector{slab_range(0, 4096), blob_range(4096, 1), slab_range(4096, 3)}));
}

TEST(Denote, AFullTableIsOverLimitUnlessTheRangeMerges) {
  Table table;
  table.view.capacity = 1;
  EXPECT_EQ(denote(Tier::kL3, l3({1, 2, 3}), table), Drop::kNone);
  EXPECT_EQ(denote(Tier::kL3, l3({4}), table), Drop::kNone);
  EXPECT_EQ(denote(Tier::kL3, l3({9}), table), Drop::kOverLimit);
  EXPECT_EQ(denote_literal(0, 1, table.view, 0), Drop::kOverLimit);
  EXPECT_EQ(denote_extents(plain(1, 0, 0, 1), kLayout, table.view, 0), Drop::kOverLimit);
}

TEST(Denote, PermutedReferencesAreMappedBeforeTheirBounds) {
  Table table;
  const auto wire = l3({prp32_inverse(5, 77), prp32_inverse(6, 77)});
  EXPECT_EQ(denote_run(Tier::kL3, wire.data(), 2, kLayout, true, 77, table.view, 0), Drop::kNone);
  EXPECT_EQ(table.ranges(), (std::vector{blob_range((1 << 20) + 5 * 64, 128)}));
  const auto outside = l3({prp32_inverse(1 << 20, 77)});
  EXPECT_EQ(denote_run(Tier::kL3, outside.data(), 1, kLayout, true, 77, table.view, 0), Drop::kOutOfBounds);
}

TEST(Denote, ExtentsStepFromTheEndOfTheOneBefore) {
  Table table;
  EXPECT_EQ(denote_extents(plain(3, 1000, 28, 100), kLayout, table.view, 0), Drop::kNone);
  EXPECT_EQ(table.ranges(), (std::vector{blob_range(1000, 100), blob_range(1128, 100), blob_range(1256, 100)}));
  table.view.count = 0;
  EXPECT_EQ(denote_extents(plain(3, 1000, -200, 100), kLayout, table.view, 0), Drop::kNone);
  EXPECT_EQ(table.ranges(), (std::vector{blob_range(1000, 100), blob_range(900, 100), blob_range(800, 100)}));
}

TEST(Denote, PackedDeltasAndLengthsAreAddedModulo2To64) {
  const std::vector<uint8_t> deltas = {0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};  // -16
  const std::vector<uint8_t> lengths = {0x21};                                           // 1, 2 in four bits each
  const ExtentsUnit unit{.count = 2,
                         .offset_bits = 64,
                         .length_bits = 4,
                         .base = 500,
                         .step = 6,
                         .shortest = 9,
                         .deltas = deltas,
                         .lengths = lengths};
  Table table;
  EXPECT_EQ(denote_extents(unit, kLayout, table.view, 0), Drop::kNone);
  EXPECT_EQ(table.ranges(), (std::vector{blob_range(500, 10), blob_range(500, 11)}));
}

TEST(Denote, AnExtentsLengthIsJudgedBeforeItsBounds) {
  Table table;
  EXPECT_EQ(denote_extents(plain(1, ~uint64_t{0}, 0, 0), kLayout, table.view, 0), Drop::kBadExtents);
  EXPECT_EQ(denote_extents(plain(1, ~uint64_t{0}, 0, 1), kLayout, table.view, 0), Drop::kOutOfBounds);
  EXPECT_EQ(denote_extents(plain(1, kLayout.size - 1, 0, 1), kLayout, table.view, 0), Drop::kNone);
  EXPECT_EQ(denote_extents(plain(1, kLayout.size - 1, 0, 2), kLayout, table.view, 0), Drop::kOutOfBounds);
  EXPECT_EQ(denote_extents(plain(1, kLayout.size, 0, 1), kLayout, table.view, 0), Drop::kOutOfBounds);

  const std::vector<uint8_t> one = {1};
  ExtentsUnit longest = plain(1, 0, 0, 0xFFFFFFFF);  // + 1 is 2^32
  longest.length_bits = 1;
  longest.lengths = one;
  EXPECT_EQ(denote_extents(longest, kLayout, table.view, 0), Drop::kBadExtents);
}

TEST(Denote, AFaultInALaterExtentIsFoundBehindGoodOnes) {
  Table table;
  EXPECT_EQ(denote_extents(plain(256, 0, 8192, 1), kLayout, table.view, 0), Drop::kNone);
  EXPECT_EQ(table.view.count, 256u);
  EXPECT_EQ(denote_extents(plain(257 - 1, 8192, 8192 + 1, 1), kLayout, table.view, 0), Drop::kOutOfBounds);
}

}  // namespace
}  // namespace pfs
