// How our senders share one drop-tail queue with TCP cubic and among themselves, over a virtual minute each.
#include <gtest/gtest.h>

#include <algorithm>

#include "bottleneck.hpp"

namespace pfs::sim {
namespace {

using transport::kMillisecond;
using transport::kSecond;

const std::vector<Bottleneck> kLinks = [] {
  std::vector<Bottleneck> links;
  for (const Time round_trip : {5, 20, 100})
    for (const double queue : {0.5, 1.0, 2.0, 5.0})
      links.push_back({.megabits = 50, .round_trip = round_trip * kMillisecond, .queue_bdp = queue});
  return links;
}();

std::string told(const Bottleneck& link) {
  return std::to_string(link.round_trip / kMillisecond) + " ms, queue of " + std::to_string(link.queue_bdp) +
         " products";
}

/// The largest share by the smallest, each the mean over the seeds.
double inequality(const Bottleneck& link, const std::vector<Competitor>& flows, Time from) {
  std::vector<double> megabits(flows.size());
  for (uint64_t seed = 0; seed < 3; ++seed) {
    const Sharing sharing = share(link, flows, from, seed);
    for (size_t i = 0; i < flows.size(); ++i) megabits[i] += sharing.flows[i].megabits;
  }
  const auto [least, most] = std::minmax_element(megabits.begin(), megabits.end());
  return *most / std::max(*least, 1e-9);
}

/// The same within each run, averaged over the seeds and links: where the shares differ from run to run, a mean of
/// shares would hide it.
double mean_inequality(const std::vector<Competitor>& flows, Time from) {
  double sum = 0;
  for (const Bottleneck& link : kLinks)
    for (uint64_t seed = 0; seed < 3; ++seed) {
      const Sharing sharing = share(link, flows, from, seed);
      const auto [least, most] =
          std::minmax_element(sharing.flows.begin(), sharing.flows.end(),
                              [](const Share& one, const Share& other) { return one.megabits < other.megabits; });
      sum += most->megabits / std::max(least->megabits, 1e-9);
    }
  return sum / static_cast<double>(3 * kLinks.size());
}

TEST(Fairness, TheModelOfCubicFillsALinkAndSharesItWithItself) {
  for (const Bottleneck& link : kLinks) {
    EXPECT_GT(share(link, {{.cubic = true}}, 10 * kSecond, 1).flows[0].megabits, 0.95 * 1500 / 1524 * link.megabits)
        << told(link);
    EXPECT_LT(inequality(link, {{.cubic = true}, {.cubic = true}}, 0), 2) << told(link);
  }
}

TEST(Fairness, BesideCubicEachHasAtLeastHalfOfAnEqualShare) {
  for (const Bottleneck& link : kLinks)
    EXPECT_LT(inequality(link, {{}, {.cubic = true}}, 0), 3) << told(link);  // 25 % and 75 %
}

TEST(Fairness, TwoAndFourOfOursShareAlikeAlsoWhenOneStartsLate) {
  EXPECT_LT(mean_inequality({{}, {}}, 0), 1.25);
  EXPECT_LT(mean_inequality({{}, {.start = 10 * kSecond}}, 20 * kSecond), 1.25);
  EXPECT_LT(mean_inequality({{}, {}, {}, {}}, 0), 1.6);
}

TEST(Fairness, AloneTheQueueIsShortAndTheLinkFull) {
  for (const Bottleneck& link : kLinks) {
    const Sharing alone = share(link, {{}}, 5 * kSecond, 1);
    EXPECT_GT(alone.flows[0].megabits, 0.97 * 1500 / 1524 * link.megabits) << told(link);
    EXPECT_LE(alone.median_queue_ms, 2) << told(link);
    EXPECT_LE(alone.flows[0].sent_useful, 1.01) << told(link);
  }
}

}  // namespace
}  // namespace pfs::sim
