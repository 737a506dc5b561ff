// Sessions under faults, restarts and hostile neighbours, in virtual time: every village is a seed or a script, and the
// same one gives the same news.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "village.hpp"

namespace pfs::sim {
namespace {

/// A number from the environment, which tests/sim/run sets.
uint64_t wish(const char* name, uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

/// What stays when a seed fails: the smallest village that fails as well, as a script for tests/sim/found.
std::string smallest(const Village& village) {
  if (std::getenv("PFS_UNSHRUNK") != nullptr) return {};  // tests/sim/mutants asks only whether
  const Village less = shrink(village);
  return fmt::format("; the smallest village that does the same ({}), for tests/sim/found:\n{}", live(less).broken,
                     write(less));
}

TEST(Village, CompletesEveryTransferUnderEveryMixOfFaults) {
  const uint64_t first = wish("PFS_FIRST_SEED", 0);
  for (uint64_t seed = first; seed < first + wish("PFS_SEEDS", 10'000); ++seed) {
    const Village village = draw_village(seed);
    const News news = live(village);
    ASSERT_EQ(news.broken, "") << "seed " << seed << smallest(village);
  }
}

TEST(Village, MeetsEverythingThatItIsMeantToMeet) {
  News all;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const News news = live(draw_village(seed));
    all.delivered += news.delivered;
    all.hostile += news.hostile;
    all.restarts += news.restarts;
    all.paths_added += news.paths_added;
    all.paths_dropped += news.paths_dropped;
    all.holds += news.holds;
    all.counters.corrupt += news.counters.corrupt;
    all.counters.trimmed += news.counters.trimmed;
    all.counters.away += news.counters.away;
    all.counters.restarted += news.counters.restarted;
    all.counters.retries += news.counters.retries;
    all.counters.hellos_ignored += news.counters.hellos_ignored;
    all.counters.cookies_refused += news.counters.cookies_refused;
    all.counters.unknown_session += news.counters.unknown_session;
  }
  EXPECT_GT(all.delivered, 10'000);
  EXPECT_GT(all.hostile, 10'000);
  EXPECT_GT(all.restarts, 50);
  EXPECT_GT(all.paths_added, 20);
  EXPECT_GT(all.paths_dropped, 20);
  EXPECT_GT(all.holds, 100);
  EXPECT_GT(all.counters.corrupt, 1'000);
  EXPECT_GT(all.counters.trimmed, 1'000);
  EXPECT_GT(all.counters.away, 10);
  EXPECT_GT(all.counters.restarted, 5);
  EXPECT_GT(all.counters.retries, 100);
  EXPECT_GT(all.counters.hellos_ignored, 100);
  EXPECT_GT(all.counters.cookies_refused, 10);
  EXPECT_GT(all.counters.unknown_session, 1'000);
}

TEST(Village, WhatWasFoundOnceDoesNotComeBack) {
  uint32_t scripts = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PFS_FOUND)) {
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    const auto village = parse(text.str());
    ASSERT_TRUE(village.has_value()) << entry.path() << ": " << village.error().line();
    EXPECT_EQ(live(*village).broken, "") << entry.path();
    ++scripts;
  }
  EXPECT_GT(scripts, 0);
}

TEST(Village, AScriptSaysTheWholeVillage) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Village village = draw_village(seed);
    const auto again = parse(write(village));
    ASSERT_TRUE(again.has_value()) << again.error().line();
    ASSERT_EQ(write(*again), write(village));
  }
  EXPECT_FALSE(parse("village nodes=2\nroad from=1").has_value());
  EXPECT_FALSE(parse("village knights=2").has_value());
  EXPECT_FALSE(parse("village nodes=two").has_value());
}

}  // namespace
}  // namespace pfs::sim
