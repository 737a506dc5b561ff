#include "base/units.hpp"

#include <gtest/gtest.h>

namespace pfs {
namespace {

TEST(FormatBytes, ChangesThePrefixAtEachPowerOf1024) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1024), "1.00 KiB");
  EXPECT_EQ(format_bytes(1536), "1.50 KiB");
  EXPECT_EQ(format_bytes(kGiB), "1.00 GiB");
  EXPECT_EQ(format_bytes(UINT64_MAX), "16777216.00 TiB");
}

TEST(FormatSi, ChangesThePrefixAtEachPowerOf1000) {
  EXPECT_EQ(format_si(0), "0.00");
  EXPECT_EQ(format_si(999), "999.00");
  EXPECT_EQ(format_si(1000), "1.00 k");
  EXPECT_EQ(format_si(12'345'678), "12.35 M");
  EXPECT_EQ(format_si(1e18), "1000000.00 T");
}

}  // namespace
}  // namespace pfs
