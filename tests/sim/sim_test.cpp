// The transport under faults, in virtual time: every scenario is a seed, and the same seed gives the same run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <tuple>

#include "world.hpp"

namespace pfs::sim {
namespace {

using transport::kMillisecond;
using transport::kSecond;

/// A number from the environment, which tests/sim/run sets.
uint64_t wish(const char* name, uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

std::string told(uint64_t seed, const Outcome& outcome) {
  return "seed " + std::to_string(seed) + ": " + outcome.broken + " (after " +
         std::to_string(outcome.receiver.delivered) + " deliveries, " + std::to_string(outcome.sender.repairs) +
         " repairs, " + std::to_string(outcome.took / kMillisecond) + " ms)";
}

/// One stream of 1,500-byte frames over an emulated link, the same there and back, whose faults never end.
Scenario long_stream(uint64_t round_trip, double loss, uint32_t frames) {
  Scenario scenario;
  scenario.frames = frames;
  scenario.denoted = 1500;
  scenario.faults_end = UINT64_MAX / 4;
  LinkConfig link;
  link.dice.loss = loss;
  link.line = {.ticks_per_byte = 8, .queue_bytes = 256e3, .delay = round_trip / 2};
  scenario.there = scenario.back = {link};
  scenario.sender.streams = scenario.receiver.streams = 1;
  scenario.sender.stream_frames = scenario.receiver.stream_frames = 8192;  // as shipped
  scenario.sender.frames = scenario.receiver.held = 8192;
  return scenario;
}

double megabits(const Scenario& scenario, const Outcome& outcome) {
  return static_cast<double>(scenario.frames) * scenario.frame_bytes * 8e3 / static_cast<double>(outcome.took);
}

TEST(Transport, DeliversEveryFrameOnceAndInOrderUnderEveryMixOfFaults) {
  const uint64_t first = wish("PFS_FIRST_SEED", 0);
  for (uint64_t seed = first; seed < first + wish("PFS_SEEDS", 10'000); ++seed) {
    const Outcome outcome = run(draw(seed), seed);
    ASSERT_EQ(outcome.broken, "") << told(seed, outcome);
  }
}

TEST(Transport, AcksOfAStrangerBreakNothing) {
  for (uint64_t seed = 0; seed < wish("PFS_SEEDS", 10'000) / 5; ++seed) {
    Scenario scenario = draw(seed);
    scenario.forged_acks = 200;
    const Outcome outcome = run(scenario, seed);
    // A stranger who guesses well can make the sender believe that frames arrived, or that more is granted: then the
    // run cannot end well. Nothing is delivered twice or out of order, and no more is held or in flight than may be.
    const bool bound = outcome.broken.empty() || outcome.broken.starts_with("more denoted bytes") ||
                       outcome.broken.starts_with("not done") || outcome.broken.starts_with("nothing is left");
    ASSERT_TRUE(bound) << told(seed, outcome);
  }
}

TEST(Transport, TakesTheLinkWithoutLossAndKeepsItsQueueShort) {
  const Scenario scenario = long_stream(20 * kMillisecond, 0, 300'000);
  const Outcome outcome = run(scenario, 1);
  ASSERT_EQ(outcome.broken, "");
  EXPECT_GT(megabits(scenario, outcome), 920) << "of 984";
}

TEST(Transport, RandomLossCostsWhatIsLostAndLittleMore) {
  const Scenario clean = long_stream(20 * kMillisecond, 0, 400'000);
  const double whole = megabits(clean, run(clean, 1));
  for (uint64_t seed = 0; seed < 3; ++seed)
    for (const auto& [loss, share] : {std::pair(0.001, 0.95), {0.01, 0.95}, {0.05, 0.90}, {0.1, 0.78}}) {
      const Scenario lossy = long_stream(20 * kMillisecond, loss, 400'000);
      const Outcome outcome = run(lossy, seed);
      ASSERT_EQ(outcome.broken, "") << told(seed, outcome);
      EXPECT_GT(megabits(lossy, outcome), share * whole) << "loss " << loss << ", seed " << seed;
    }
}

TEST(Transport, EndsThatWaitForTheirCpuHalfOfTheTimeKeepHalfOfTheRate) {
  for (uint64_t seed = 0; seed < 3; ++seed)
    for (const auto& [stands, loss, share] : {std::tuple(2, 0.0, 0.5), {2, 0.01, 0.45}, {4, 0.01, 0.3}}) {
      Scenario scenario = long_stream(20 * kMillisecond, loss, 100'000);
      scenario.runs = scenario.stands = static_cast<Time>(stands) * kMillisecond;
      const Outcome outcome = run(scenario, seed);
      ASSERT_EQ(outcome.broken, "") << told(seed, outcome);
      EXPECT_GT(megabits(scenario, outcome), share * 984) << stands << " ms, loss " << loss << ", seed " << seed;
    }
}

TEST(Transport, RepairsAreNoMoreThanTheLossAndATenth) {
  for (uint64_t seed = 0; seed < 10; ++seed)
    for (const double loss : {0.0001, 0.001, 0.01, 0.02, 0.05, 0.1, 0.3})
      for (const uint64_t round_trip : {uint64_t{0}, 1 * kMillisecond}) {
        const Scenario scenario = long_stream(round_trip, loss, 20'000);
        const Outcome outcome = run(scenario, seed);
        ASSERT_EQ(outcome.broken, "") << told(seed, outcome);
        EXPECT_LE(static_cast<double>(outcome.sender.sent) / scenario.frames, 1 / (1 - loss) + 0.1)
            << "loss " << loss << ", round trip " << round_trip << " ns, seed " << seed;
      }
}

TEST(Transport, ReorderingCausesFewFalseRepairs) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Scenario scenario = long_stream(10 * kMillisecond, 0, 20'000);
    scenario.there[0].dice.reorder = 0.2;
    scenario.there[0].line.queue_bytes = 16e6;  // nothing is lost
    scenario.there[0].dice.depth = 64;          // up to 3.2 ms late
    const Outcome outcome = run(scenario, seed);
    ASSERT_EQ(outcome.broken, "") << told(seed, outcome);
    EXPECT_LE(outcome.sender.repairs, scenario.frames / 50) << "seed " << seed;
  }
}

TEST(Transport, GoesOnSoonAfterABlackHole) {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    Scenario scenario = long_stream(20 * kMillisecond, 0.01, 200'000);
    scenario.there[0].line.black_every = scenario.back[0].line.black_every = 7 * kSecond;
    scenario.there[0].line.black_for = scenario.back[0].line.black_for = 5 * kSecond;
    const Outcome outcome = run(scenario, seed);
    ASSERT_EQ(outcome.broken, "") << told(seed, outcome);
    EXPECT_LT(outcome.longest_pause, 5 * kSecond + 200 * kMillisecond) << "seed " << seed;
  }
}

TEST(Transport, TwoPathsCarryNearlyTwiceAsMuchAndOneThatDiesIsLeftSoon) {
  Scenario one = long_stream(10 * kMillisecond, 0, 200'000);
  one.there[0].line.ticks_per_byte = one.back[0].line.ticks_per_byte = 16;  // 500 Mb/s
  Scenario two = one;
  two.there.push_back(two.there[0]);
  two.back.push_back(two.back[0]);
  two.sender.paths = 2;
  EXPECT_GT(megabits(two, run(two, 1)), 1.8 * megabits(one, run(one, 1)));
  two.there[1].line.black_every = two.back[1].line.black_every = 100 * kSecond;
  two.there[1].line.black_for = two.back[1].line.black_for = 99 * kSecond;  // dies after a second, for good
  const Outcome outcome = run(two, 1);
  ASSERT_EQ(outcome.broken, "") << told(1, outcome);
  EXPECT_LT(outcome.longest_pause, 100 * kMillisecond);
}

TEST(Transport, ASenderWithoutGrantAsksForItWhenTheAckIsLost) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Scenario scenario = long_stream(kMillisecond, 0, 300);
    scenario.denoted = 1 << 20;
    scenario.receiver.bytes = 4 << 20;
    scenario.consume = 50 * kMillisecond;  // the last frame is acknowledged long before there is room again
    scenario.back[0].dice.loss = 0.8;
    const Outcome outcome = run(scenario, seed);
    ASSERT_EQ(outcome.broken, "") << told(seed, outcome);
  }
}

}  // namespace
}  // namespace pfs::sim
