#include "stages/completions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "stages/awaited_results.hpp"

namespace pfs {
namespace {

TEST(Completions, NothingTookNoTime) {
  const auto none = std::make_unique<Completions>();
  EXPECT_EQ(none->within(500), 0u);
  EXPECT_EQ(none->longest(), 0u);
}

TEST(Completions, SharesAreExactForSmallValuesAndWithinOnePartIn32ForOthers) {
  for (const uint64_t seed : {1, 2, 3}) {
    std::mt19937_64 random(seed);
    const auto took = std::make_unique<Completions>();
    std::vector<uint64_t> values;
    for (int i = 0; i < 10000; ++i) {
      values.push_back(random() >> random() % 64);
      took->add(values.back());
    }
    std::ranges::sort(values);
    for (const uint32_t share : {1u, 500u, 990u, 999u, 1000u}) {
      const uint64_t exact = values[(values.size() * share + 999) / 1000 - 1];
      EXPECT_GE(took->within(share), exact) << "seed " << seed << ", share " << share;
      EXPECT_LE(took->within(share) - exact, exact / 32) << "seed " << seed << ", share " << share;
    }
    EXPECT_EQ(took->longest(), values.back());
    EXPECT_EQ(took->within(1000), values.back());
  }
}

TEST(Completions, LargestValueHasABucket) {
  const auto took = std::make_unique<Completions>();
  took->add(UINT64_MAX);
  took->add(0);
  EXPECT_EQ(took->within(500), 0u);
  EXPECT_EQ(took->within(1000), UINT64_MAX);
}

TEST(Completions, OfGramsThatAreAnsweredOnceEach) {
  AwaitedResults awaited(5);
  awaited.sent(100);
  awaited.sent(200);
  EXPECT_EQ(awaited.match({.op = 5, .gram = 1}, 230), Drop::kNone);
  EXPECT_EQ(awaited.match({.op = 5, .gram = 1}, 999), Drop::kDuplicate);
  EXPECT_EQ(awaited.match({.op = 5, .gram = 2}, 999), Drop::kUnasked);
  EXPECT_EQ(awaited.completions().longest(), 30u);
  EXPECT_EQ(awaited.match({.op = 5, .gram = 0}, 400), Drop::kNone);
  EXPECT_EQ(awaited.completions().longest(), 300u);
  EXPECT_EQ(awaited.completions().within(500), 30u);
}

TEST(Completions, TimeOfAGramThatLiesTooFarBackIsNotToldWrongly) {
  AwaitedResults awaited(5);
  for (uint32_t gram = 0; gram <= AwaitedResults::kTimed; ++gram) awaited.sent(gram);
  EXPECT_EQ(awaited.match({.op = 5, .gram = 0}, 500000), Drop::kNone);
  EXPECT_EQ(awaited.completions().longest(), 0u);
  EXPECT_EQ(awaited.match({.op = 5, .gram = 1}, 500000), Drop::kNone);
  EXPECT_EQ(awaited.completions().longest(), 499999u);
}

}  // namespace
}  // namespace pfs
