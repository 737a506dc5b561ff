#include "base/units.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace pfs {
namespace {

TEST(ParseSize, TakesBytesAndBinaryPrefixes) {
  EXPECT_EQ(parse_size("0").value(), 0u);
  EXPECT_EQ(parse_size("4096").value(), 4096u);
  EXPECT_EQ(parse_size("7B").value(), 7u);
  EXPECT_EQ(parse_size("64KiB").value(), 65'536u);
  EXPECT_EQ(parse_size("4MiB").value(), 4u << 20);
  EXPECT_EQ(parse_size("1GiB").value(), 1u << 30);
}

TEST(ParseSize, TakesTheLargestThatFits) {
  EXPECT_EQ(parse_size("18446744073709551615").value(), UINT64_MAX);
  EXPECT_EQ(parse_size("17179869183GiB").value(), UINT64_MAX - kGiB + 1);
}

TEST(ParseSize, RefusesWhatWraps) {
  for (const char* text : {"17179869184GiB", "18446744073709551615KiB", "18014398509481984KiB"})
    EXPECT_EQ(parse_size(text).error().line(), fmt::format("'{}' is more than 64 bits hold", text));
}

TEST(ParseSize, RefusesEverythingElseWithARemedy) {
  for (const char* text : {"", "KiB", "4 KiB", "4kib", "4KB", "4K", "-1", "+1", "1.5MiB", "0x10", "4MiB ", " 4MiB",
                           "18446744073709551616", "4MiBMiB"})
    EXPECT_EQ(parse_size(text).error().line(),
              fmt::format("'{}' is not a size; write bytes as 4096, 64KiB, 4MiB or 1GiB", text));
}

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
