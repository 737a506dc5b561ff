#include "base/mac_address.hpp"

#include <gtest/gtest.h>

namespace pfs {
namespace {

TEST(MacAddress, SixPairsOfHexadecimalDigitsAreRead) {
  const MacAddress address = {0x52, 0x54, 0x00, 0xAB, 0xCD, 0xEF};
  EXPECT_EQ(parse_mac("52:54:00:ab:cd:ef"), address);
  EXPECT_EQ(parse_mac("52:54:00:AB:CD:EF"), address);
  EXPECT_EQ(parse_mac("ff:ff:ff:ff:ff:ff"), kBroadcast);
}

TEST(MacAddress, AnotherFormIsNone) {
  for (const char* bad :
       {"", "52:54:00:ab:cd", "52:54:00:ab:cd:e", "52:54:00:ab:cd:ef:", "52-54-00-ab-cd-ef", "52:54:00:ab:cd:eg",
        "5 :54:00:ab:cd:ef", "-1:54:00:ab:cd:ef", "0x:54:00:ab:cd:ef", "52:54:00:ab:cd ef", "525400abcdef00000"})
    EXPECT_FALSE(parse_mac(bad)) << bad;
}

}  // namespace
}  // namespace pfs
