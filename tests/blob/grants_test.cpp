#include "blob/grants.hpp"

#include <gtest/gtest.h>

namespace pfs {
namespace {

const std::vector<Grant> kGrants = {{1, 1000, 100}, {2, 0, UINT64_MAX}, {1, 1100, 50}, {3, 10, 0}};

bool may(uint16_t stream, std::vector<Descriptor> table) { return writable(kGrants, stream, table); }

TEST(Grants, ARangeFromEdgeToEdgeMayBeWritten) {
  EXPECT_TRUE(may(1, {blob_range(1000, 100)}));
  EXPECT_TRUE(may(1, {blob_range(1000, 1)}));
  EXPECT_TRUE(may(1, {blob_range(1099, 1)}));
}

TEST(Grants, AByteOutsideIsOneTooMany) {
  EXPECT_FALSE(may(1, {blob_range(999, 1)}));
  EXPECT_FALSE(may(1, {blob_range(999, 2)}));
  EXPECT_FALSE(may(1, {blob_range(1150, 1)}));
  EXPECT_FALSE(may(1, {blob_range(1149, 2)}));
}

TEST(Grants, ARangeThatNoSingleGrantHoldsIsRefused) { EXPECT_FALSE(may(1, {blob_range(1090, 20)})); }

TEST(Grants, EveryRangeHasToBeGranted) {
  EXPECT_TRUE(may(1, {blob_range(1000, 10), blob_range(1120, 10), blob_range(1010, 90)}));
  EXPECT_FALSE(may(1, {blob_range(1000, 10), blob_range(1120, 10), blob_range(0, 1)}));
  EXPECT_FALSE(may(1, {blob_range(0, 1), blob_range(1000, 10)}));
}

TEST(Grants, AnotherStreamsGrantIsNone) {
  EXPECT_FALSE(may(2, {blob_range(UINT64_MAX, 1)}));
  EXPECT_TRUE(may(2, {blob_range(1000, 10)}));
  EXPECT_FALSE(may(4, {blob_range(1000, 10)}));
}

TEST(Grants, ASlabRangeIsNeverGranted) {
  EXPECT_FALSE(may(2, {slab_range(0, 1)}));
  EXPECT_FALSE(may(2, {blob_range(0, 1), slab_range(0, 1)}));
}

TEST(Grants, NoSumWraps) {
  EXPECT_FALSE(may(1, {blob_range(1050, (uint64_t{1} << 63) - 1)}));
  EXPECT_FALSE(may(1, {blob_range(UINT64_MAX - 10, 2000)}));
}

TEST(Grants, NothingToWriteNeedsNoGrant) { EXPECT_TRUE(may(9, {})); }

}  // namespace
}  // namespace pfs
