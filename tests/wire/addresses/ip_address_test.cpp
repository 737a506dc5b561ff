#include "wire/addresses/ip_address.hpp"

#include <gtest/gtest.h>

namespace pfs {
namespace {

IpAddress ip(std::string_view text) { return parse_ip(text).value(); }

TEST(IpAddress, AddressesArePrintedAsTheyAreRead) {
  for (const char* text : {"10.9.0.1", "255.255.255.255", "0.0.0.0", "fd00::1", "::", "2001:db8::a:0:0:1"})
    EXPECT_EQ(to_text(ip(text)), text);
  EXPECT_EQ(ip("FD00:0:0::0001"), ip("fd00::1"));
}

TEST(IpAddress, WhatIsNoAddressIsRefused) {
  for (const char* text : {"", "10.9.0", "10.9.0.256", "10.9.0.1 ", "010.9.0.1", "fd00::1%eth0", "fd00:::1",
                           "localhost", "10.9.0.1/24", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"})
    EXPECT_FALSE(parse_ip(text)) << text;
  EXPECT_FALSE(parse_ip(std::string_view("10.9.0.1\0", 9)));
}

TEST(IpAddress, APrefixWithoutALengthIsTheAddressAlone) {
  EXPECT_EQ(parse_prefix("10.9.0.1/24"), (IpPrefix{ip("10.9.0.1"), 24}));
  EXPECT_EQ(parse_prefix("10.9.0.1")->bits, 32);
  EXPECT_EQ(parse_prefix("fd00::1")->bits, 128);
  for (const char* text :
       {"10.9.0.1/33", "fd00::1/129", "10.9.0.1/", "10.9.0.1/a", "10.9.0.1/-1", "10.9.0.1/24/1", "/24"})
    EXPECT_FALSE(parse_prefix(text)) << text;
}

TEST(IpAddress, APrefixHoldsWhatSharesItsBits) {
  const auto holds = [](const char* prefix, const char* address) {
    return parse_prefix(prefix)->contains(ip(address));
  };
  EXPECT_TRUE(holds("10.9.0.1/24", "10.9.0.255"));
  EXPECT_FALSE(holds("10.9.0.1/24", "10.9.1.0"));
  EXPECT_TRUE(holds("10.9.0.1/23", "10.9.1.0"));
  EXPECT_TRUE(holds("10.9.0.130/25", "10.9.0.129"));
  EXPECT_FALSE(holds("10.9.0.130/25", "10.9.0.127"));
  EXPECT_TRUE(holds("10.9.0.1/0", "192.168.1.1"));
  EXPECT_FALSE(holds("10.9.0.1/32", "10.9.0.2"));
  EXPECT_TRUE(holds("fd00::1/64", "fd00::ffff:1"));
  EXPECT_FALSE(holds("fd00::1/64", "fd00:0:0:1::1"));
  EXPECT_FALSE(holds("fd00::1/0", "10.9.0.1")) << "another version";
}

TEST(IpAddress, GroupsAndLinkLocalAddressesAreKnown) {
  for (const char* text : {"224.0.0.1", "239.255.255.255", "255.255.255.255", "ff02::1"})
    EXPECT_TRUE(ip(text).is_group());
  for (const char* text : {"10.9.0.255", "240.0.0.1", "fe80::1"}) EXPECT_FALSE(ip(text).is_group());
  EXPECT_TRUE(ip("fe80::1").is_link_local());
  EXPECT_TRUE(ip("febf::1").is_link_local());
  EXPECT_FALSE(ip("fec0::1").is_link_local());
  EXPECT_FALSE(ip("254.128.0.1").is_link_local());
}

TEST(IpAddress, MacAddressesArePrintedAsTheyAreRead) {
  EXPECT_EQ(to_text(parse_mac("52:54:00:0a:bc:09").value()), "52:54:00:0a:bc:09");
}

}  // namespace
}  // namespace pfs
