#include "transport/bound.hpp"

#include <gtest/gtest.h>

namespace pfs::transport {
namespace {

constexpr uint64_t kFlight = 1'000'000;

Round round(uint64_t lost, bool queued, double product = 100'000) {
  return {.lost = lost, .arrived = kFlight, .flight = kFlight, .product = product, .queued = queued};
}

TEST(LossBound, LossesWithoutAQueueSayNothing) {
  LossBound bound;
  EXPECT_FALSE(bound.on_round(round(300'000, false), kSecond));
  EXPECT_GT(bound.bytes(), 1e17);
}

TEST(LossBound, ACutLeavesSevenTenthsButNeverLessThanThePathNeeds) {
  LossBound bound;
  EXPECT_TRUE(bound.on_round(round(10'000, true), kSecond));
  EXPECT_DOUBLE_EQ(bound.bytes(), 0.7 * kFlight);
  EXPECT_EQ(bound.cut_at(), kSecond);
  LossBound full;
  EXPECT_TRUE(full.on_round(round(10'000, true, kFlight), kSecond));
  EXPECT_DOUBLE_EQ(full.bytes(), 0.98 * kFlight);
}

TEST(LossBound, OnlyMoreThanChanceAloneWouldLoseIsCongestion) {
  LossBound bound;
  for (int i = 0; i < 900; ++i) bound.on_chance(1500, false);
  for (int i = 0; i < 100; ++i) bound.on_chance(1500, true);
  EXPECT_DOUBLE_EQ(bound.chance(), 0.1);
  EXPECT_FALSE(bound.on_round(round(kFlight / 9, true), kSecond)) << "a tenth of what was sent";
  EXPECT_TRUE(bound.on_round(round(kFlight / 4, true), kSecond));
}

TEST(LossBound, ChanceIsForgottenWhereQueuesStand) {
  LossBound bound;
  for (int i = 0; i < 10; ++i) bound.on_chance(1500, i == 0);
  for (int i = 0; i < 300; ++i) bound.on_round(round(0, true), kSecond);
  EXPECT_LT(bound.chance(), 0.002);
  for (int i = 0; i < 10'000; ++i) bound.on_chance(1500, i % 5 == 0);
  EXPECT_NEAR(bound.chance(), 0.2, 0.01) << "the newest count most";
}

TEST(LossBound, GrowsAsCubicWhereAQueueStands) {
  LossBound bound;
  bound.on_round(round(10'000, true), kSecond);
  // W_max is reached again after K = cbrt(0.3 W_max / C), RFC 9438: here 667 frames of 1,500 bytes, so 7.94 s.
  for (int i = 0; i < 5; ++i) bound.on_round(round(0, true), kSecond + 7'940 * kMillisecond);
  EXPECT_NEAR(bound.bytes(), kFlight, 0.01 * kFlight);
  for (int i = 0; i < 5; ++i) bound.on_round(round(0, true), kSecond + 12'000 * kMillisecond);
  EXPECT_NEAR(bound.bytes(), kFlight + 0.4 * 4.06 * 4.06 * 4.06 * 1500, 0.02 * kFlight);
  LossBound slow;
  slow.on_round(round(10'000, true), kSecond);
  for (int i = 0; i < 100; ++i) slow.on_round(round(0, true), kSecond);
  EXPECT_NEAR(slow.bytes(), 0.7 * kFlight + 100 * 3 * 0.3 / 1.7 * 1500, 1) << "never slower than Reno's kind";
}

TEST(LossBound, GrowsFasterTheLongerNoQueueStands) {
  LossBound bound;
  bound.on_round(round(10'000, true), kSecond);
  bound.on_round(round(0, false), kSecond);
  EXPECT_DOUBLE_EQ(bound.bytes(), 0.7 * kFlight * (1 + 1.0 / 64));
  for (int i = 1; i < 16; ++i) bound.on_round(round(0, false), kSecond);
  const double before = bound.bytes();
  bound.on_round(round(0, false), kSecond);
  EXPECT_DOUBLE_EQ(bound.bytes(), before * (1 + 1.0 / 32));
  for (int i = 0; i < 200; ++i) bound.on_round(round(0, false), kSecond);
  const double late = bound.bytes();
  bound.on_round(round(0, false), kSecond);
  EXPECT_LE(bound.bytes(), late * 1.25);
  bound.on_round(round(10'000, true), kSecond);
  const double cut = bound.bytes();
  bound.on_round(round(0, false), kSecond);
  EXPECT_DOUBLE_EQ(bound.bytes(), cut * (1 + 1.0 / 64)) << "a cut begins anew";
}

TEST(LossBound, WhoIsCutAgainBelowItsLastHeightLeavesRoomToOthers) {
  LossBound bound;
  bound.cut(kFlight, 0, 0.7, kSecond);
  bound.cut(kFlight / 2, 0, 0.7, kSecond);  // W_max is 0.85 of this flight, not all of it
  // 0.15 of 500,000 bytes above what the cut leaves: K = cbrt(50 frames / 0.4) = 5 s.
  for (int i = 0; i < 5; ++i) bound.on_round(round(0, true), 6 * kSecond);
  EXPECT_NEAR(bound.bytes(), 0.85 * kFlight / 2, 1000);
}

}  // namespace
}  // namespace pfs::transport
