// What an `impair` stage does to frames, by its law alone: chance by a seed, and time in ticks of a nanosecond.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "stages/impair/dice.hpp"
#include "stages/impair/line.hpp"

namespace pfs {
namespace {

constexpr uint64_t kMs = 1'000'000;
constexpr double kGigabit = 8;  // ns a byte at 1 Gb/s

TEST(Line, WithoutRateAndDelayIsImmediate) {
  EXPECT_TRUE(Line({}).immediate());
  EXPECT_FALSE(Line({.delay = 1}).immediate());
  EXPECT_FALSE(Line({.ticks_per_byte = 1}).immediate());
  EXPECT_FALSE(Line({.jitter = 1}).immediate());
}

TEST(Line, FramesFollowOneAnotherAtTheRate) {
  Line line({.ticks_per_byte = kGigabit, .queue_bytes = 1e9});
  for (uint64_t frame = 1; frame <= 1000; ++frame) EXPECT_EQ(line.enter(0, 1538, 0), frame * 1538 * 8);
}

TEST(Line, FractionsOfATickAddUp) {
  Line line({.ticks_per_byte = 0.0801, .queue_bytes = 1e12});  // 64-byte frames at 100 Gb/s: 7.05 ns each
  uint64_t last = 0;
  for (int frame = 0; frame < 100'000; ++frame) last = *line.enter(0, 88, 0);
  EXPECT_NEAR(static_cast<double>(last), 100'000 * 88 * 0.0801, 2);
}

TEST(Line, AnIdleLinkSendsAtOnce) {
  Line line({.ticks_per_byte = kGigabit, .queue_bytes = 10'000, .delay = 5 * kMs});
  EXPECT_EQ(line.enter(0, 1000, 0), 8'000 + 5 * kMs);
  EXPECT_EQ(line.enter(50'000, 1000, 0), 58'000 + 5 * kMs);
}

TEST(Line, TheQueueTakesWhatItsBytesAllowAndNoMore) {
  Line line({.ticks_per_byte = kGigabit, .queue_bytes = 10'000});
  uint32_t taken = 0;
  while (line.enter(0, 1000, 0)) ++taken;
  EXPECT_EQ(taken, 11u);  // ten wait behind the one that is being sent
  EXPECT_FALSE(line.enter(7'999, 1000, 0));
  EXPECT_TRUE(line.enter(8'000, 1000, 0));
}

TEST(Line, JitterDelaysButNeverReorders) {
  Line line({.delay = 10 * kMs, .jitter = 2 * kMs});
  EXPECT_EQ(line.enter(0, 100, 0.5), 11 * kMs);
  EXPECT_EQ(line.enter(1, 100, 0), 11 * kMs);
  EXPECT_EQ(line.enter(20 * kMs, 100, 0), 30 * kMs);
}

TEST(Line, IsBlackInTheLastPartOfEachPeriod) {
  Line line({.black_every = 7'000, .black_for = 5'000});
  const uint64_t begin = 123'456;
  for (uint64_t at = 0; at < 21'000; at += 100) EXPECT_EQ(line.black(begin + at), at % 7'000 >= 2'000) << at;
  Line never({});
  EXPECT_FALSE(never.black(0));
}

/// Shares of frames and lengths of bursts are judged within five standard deviations, over many seeds.
TEST(Dice, EachFateIsAsFrequentAsConfiguredForEachSeed) {
  constexpr int kFrames = 20'000;
  constexpr double kShare = 0.05;
  const double spread = 5 * std::sqrt(kFrames * kShare * (1 - kShare));
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Dice dice(
        {.loss = kShare, .duplicate = kShare, .reorder = kShare, .corrupt = kShare, .trim = kShare, .seed = seed});
    int lost = 0, doubled = 0, delayed = 0, corrupted = 0, trimmed = 0;
    for (int frame = 0; frame < kFrames; ++frame) {
      const Fate fate = dice.roll();
      lost += fate.lost;
      doubled += fate.doubled;
      delayed += fate.delayed;
      corrupted += fate.corrupted;
      trimmed += fate.trimmed;
    }
    for (const int count : {lost, doubled, delayed, corrupted, trimmed})
      EXPECT_NEAR(count, kFrames * kShare, spread) << "seed " << seed;
  }
}

TEST(Dice, BurstsAreAsLongAndAsFrequentAsConfigured) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Dice dice({.burst_enter = 0.001, .burst_leave = 1.0 / 32, .seed = seed});
    int bursts = 0, lost = 0;
    bool before = false;
    constexpr int kFrames = 1'000'000;
    for (int frame = 0; frame < kFrames; ++frame) {
      const bool now = dice.roll().lost;
      bursts += now && !before;
      lost += now;
      before = now;
    }
    EXPECT_NEAR(static_cast<double>(lost) / bursts, 32, 32 * 5 / std::sqrt(bursts)) << "seed " << seed;
    const double expected = kFrames / (1000.0 + 32);
    EXPECT_NEAR(bursts, expected, 5 * std::sqrt(expected)) << "seed " << seed;
  }
}

TEST(Dice, ChangingOneProbabilityLeavesOtherFatesAlone) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Dice plain({.duplicate = 0.2, .reorder = 0.2, .seed = seed});
    Dice lossy({.loss = 0.5, .duplicate = 0.2, .reorder = 0.2, .corrupt = 0.5, .trim = 1, .seed = seed});
    for (int frame = 0; frame < 200; ++frame) {
      const Fate a = plain.roll();
      const Fate b = lossy.roll();
      ASSERT_EQ(std::tuple(a.doubled, a.delayed, a.overtakers), std::tuple(b.doubled, b.delayed, b.overtakers));
    }
  }
}

}  // namespace
}  // namespace pfs
