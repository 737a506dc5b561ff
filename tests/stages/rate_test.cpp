#include "stages/rate.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pfs {
namespace {

constexpr uint32_t kFrameBytes = 60;  // 64 with FCS, 84 with preamble and gap: 672 bits on the wire
constexpr uint32_t kLinkMbps = 10'000;

std::string refusal(std::string_view text) {
  const auto rate = parse_rate(text);
  return rate ? "no error" : rate.error().line();
}

double frames(std::string_view text) { return frames_per_second(parse_rate(text).value(), kFrameBytes, kLinkMbps); }

TEST(Rate, EveryUnitGivesItsFrames) {
  EXPECT_DOUBLE_EQ(frames(""), 0);
  EXPECT_DOUBLE_EQ(frames("1pps"), 1);
  EXPECT_DOUBLE_EQ(frames("1.5kpps"), 1500);
  EXPECT_DOUBLE_EQ(frames("2Mpps"), 2e6);
  EXPECT_DOUBLE_EQ(frames("672Mbps"), 1e6);
  EXPECT_DOUBLE_EQ(frames("0.672Gbps"), 1e6);
  EXPECT_DOUBLE_EQ(frames("672MbpsL1"), 1e6);
  EXPECT_DOUBLE_EQ(frames("512MbpsL2"), 1e6);
  EXPECT_DOUBLE_EQ(frames("100%"), 1e10 / 672);
}

TEST(Rate, WhatIsNoAmountAboveZeroIsRefused) {
  const std::string hint = "; write 2Mpps, 500kpps, 9.5Gbps (L1), 9.5GbpsL2 or 80%";
  EXPECT_EQ(refusal("fast"), "rate 'fast' has no unit" + hint);
  EXPECT_EQ(refusal("80"), "rate '80' has no unit" + hint);
  EXPECT_EQ(refusal("Mpps"), "rate 'Mpps' has an amount that is not a number" + hint);
  EXPECT_EQ(refusal("2 Mpps"), "rate '2 Mpps' has an amount that is not a number" + hint);
  EXPECT_EQ(refusal("infGbps"), "rate 'infGbps' has an amount that is not a finite number" + hint);
  EXPECT_EQ(refusal("nan%"), "rate 'nan%' has an amount that is not a finite number" + hint);
  EXPECT_EQ(refusal("0Mpps"), "rate '0Mpps' lets no frame go" + hint);
  EXPECT_EQ(refusal("-2Mpps"), "rate '-2Mpps' lets no frame go" + hint);
  EXPECT_EQ(refusal("1e308Gbps"), "rate '1e308Gbps' is beyond what a number may be" + hint);
  EXPECT_EQ(refusal("010Mpps"),
            "rate '010Mpps' has an amount that is written with a zero before it, as octal numbers "
            "are; leave the zero out");
}

TEST(Rate, NoLineCarriesMoreThanAllOfIt) {
  EXPECT_EQ(refusal("100%"), "no error");
  EXPECT_EQ(refusal("100.1%"), "rate '100.1%' is above the line; write 100% or less");
}

TEST(Rate, AFrameADayIsTheLeast) {
  EXPECT_TRUE(check_rate(0));  // no rate at all
  EXPECT_TRUE(check_rate(frames("0.00002pps")));
  const auto slow = check_rate(frames("0.000001pps"));
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().line(), "the rate is a frame every 11.6 days; a frame a day is the least: 0.00002pps");
}

}  // namespace
}  // namespace pfs
