#include "blob/layout.hpp"

#include <gtest/gtest.h>

#include "base/units.hpp"

namespace pfs {
namespace {

TEST(Layout, HasBlobMdsRegions) {
  const Layout layout = make_layout(2 * kMiB, 64).value();
  EXPECT_EQ(layout.size, 2 * kMiB);
  EXPECT_EQ(layout.l1, 4096U);
  EXPECT_EQ(layout.l2, 8192U);
  EXPECT_EQ(layout.l3, kMiB);
  EXPECT_EQ(layout.word, 8U);
  EXPECT_EQ(layout.block, 64U);
}

TEST(Layout, SizeBelowTwoMiBIsAnError) {
  for (const uint64_t size : {uint64_t{0}, kMiB, 2 * kMiB - 1}) EXPECT_FALSE(make_layout(size, 64)) << size;
}

TEST(Layout, SizeOffTheMegabyteIsAnErrorThatSaysWhatWouldDo) {
  const auto layout = make_layout(3 * kMiB + 64, 64);
  ASSERT_FALSE(layout);
  EXPECT_NE(layout.error().line().find("multiple of 1 MiB"), std::string::npos) << layout.error().line();
  EXPECT_NE(layout.error().hint.find("4MiB"), std::string::npos) << layout.error().hint;
}

TEST(Layout, BlockIsAPowerOfTwoFrom64To65536) {
  for (uint64_t block = 64; block <= 65536; block *= 2) EXPECT_TRUE(make_layout(2 * kMiB, block)) << block;
  for (const uint64_t block : {0, 1, 32, 63, 65, 96, 65535, 131072})
    EXPECT_FALSE(make_layout(2 * kMiB, block)) << block;
}

TEST(Layout, ReachEndsAt2To32Blocks) {
  Layout layout = make_layout(2 * kMiB, 64).value();
  EXPECT_EQ(l3_reach(layout), 2 * kMiB);
  layout = make_layout(300 * kGiB, 64).value();
  EXPECT_EQ(l3_reach(layout), 256 * kGiB + kMiB);
  layout = make_layout(300 * kGiB, 128).value();
  EXPECT_EQ(l3_reach(layout), 300 * kGiB);
}

TEST(Inside, NoSumWraps) {
  EXPECT_TRUE(inside(0, 0, 0));
  EXPECT_TRUE(inside(10, 0, 10));
  EXPECT_TRUE(inside(0, 10, 10));
  EXPECT_FALSE(inside(11, 0, 10));
  EXPECT_FALSE(inside(1, 10, 10));
  EXPECT_FALSE(inside(UINT64_MAX, 2, 10));
  EXPECT_FALSE(inside(2, UINT64_MAX, 10));
}

}  // namespace
}  // namespace pfs
