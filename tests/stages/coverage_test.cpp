#include "stages/file_sink/coverage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace pfs {
namespace {

TEST(Coverage, CountsOverlapsOnce) {
  Coverage coverage(8);
  EXPECT_TRUE(coverage.add(10, 20));
  EXPECT_TRUE(coverage.add(15, 30));
  EXPECT_TRUE(coverage.add(12, 18));
  EXPECT_EQ(coverage.bytes(), 20u);
}

TEST(Coverage, PrefixStopsAtTheFirstGap) {
  Coverage coverage(8);
  coverage.add(10, 20);
  EXPECT_EQ(coverage.prefix(), 0u);
  coverage.add(0, 9);
  EXPECT_EQ(coverage.prefix(), 9u);
  coverage.add(9, 10);
  EXPECT_EQ(coverage.prefix(), 20u);
}

TEST(Coverage, AGapIsTheFirstPartThatIsNotThere) {
  Coverage coverage(8);
  coverage.add(10, 20);
  coverage.add(30, 40);
  using Range = Coverage::Range;
  EXPECT_EQ(coverage.gap(0, 50), (Range{0, 10}));
  EXPECT_EQ(coverage.gap(10, 50), (Range{20, 30}));
  EXPECT_EQ(coverage.gap(15, 25), (Range{20, 25}));
  EXPECT_EQ(coverage.gap(35, 50), (Range{40, 50}));
  EXPECT_EQ(coverage.gap(41, 50), (Range{41, 50}));
  for (const auto& [begin, end] : {Range{10, 20}, Range{12, 18}, Range{30, 40}}) {
    const Range gap = coverage.gap(begin, end);
    EXPECT_EQ(gap.begin, gap.end) << begin;
    EXPECT_LE(gap.end, end);
  }
}

TEST(Coverage, NeighboursAreOneRange) {
  Coverage coverage(1);
  for (uint64_t at = 0; at < 100; ++at) ASSERT_TRUE(coverage.add(at, at + 1)) << at;
  EXPECT_TRUE(coverage.covers(0, 100));
}

TEST(Coverage, RefusesOneRangeTooManyAndKeepsTheOthers) {
  Coverage coverage(2);
  EXPECT_TRUE(coverage.add(0, 1));
  EXPECT_TRUE(coverage.add(10, 11));
  EXPECT_FALSE(coverage.add(20, 21));
  EXPECT_EQ(coverage.bytes(), 2u);
  EXPECT_FALSE(coverage.covers(20, 21));
  EXPECT_TRUE(coverage.add(1, 10));
  EXPECT_TRUE(coverage.add(20, 21));
}

TEST(Coverage, AnEmptyRangeIsAlwaysThereAndAddsNothing) {
  Coverage coverage(1);
  EXPECT_TRUE(coverage.covers(5, 5));
  EXPECT_TRUE(coverage.add(5, 5));
  EXPECT_EQ(coverage.bytes(), 0u);
}

TEST(Coverage, AgreesWithOneFlagAByte) {
  constexpr uint64_t kSize = 300;
  for (uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    Coverage coverage(kSize);
    std::vector<bool> flags(kSize);
    for (int step = 0; step < 60; ++step) {
      const uint64_t begin = random() % (kSize + 1);
      const uint64_t end = begin + random() % std::min<uint64_t>(kSize + 1 - begin, 40);
      ASSERT_TRUE(coverage.add(begin, end));
      std::fill(flags.begin() + static_cast<ptrdiff_t>(begin), flags.begin() + static_cast<ptrdiff_t>(end), true);
      ASSERT_EQ(coverage.bytes(), static_cast<uint64_t>(std::count(flags.begin(), flags.end(), true)))
          << "seed " << seed;
      ASSERT_EQ(coverage.prefix(), static_cast<uint64_t>(std::find(flags.begin(), flags.end(), false) - flags.begin()))
          << "seed " << seed;
      const uint64_t from = random() % kSize;
      const uint64_t until = from + random() % (kSize - from);
      const auto first = flags.begin() + static_cast<ptrdiff_t>(from);
      const auto last = flags.begin() + static_cast<ptrdiff_t>(until);
      ASSERT_EQ(coverage.covers(from, until), std::find(first, last, false) == last)
          << "seed " << seed << " [" << from << ", " << until << ")";
    }
  }
}

}  // namespace
}  // namespace pfs
