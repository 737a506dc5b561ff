#include "transport/congestion.hpp"

#include <gtest/gtest.h>

namespace pfs::transport {
namespace {

constexpr Time kRtt = 20 * kMillisecond;
constexpr uint32_t kFrame = 1500;

/// A path on which every round trip brings one sample.
struct Rounds {
  Congestion congestion;
  Time now = kSecond;
  uint64_t delivered = 0;

  Rounds() { congestion.on_round_trip(kRtt, now); }

  /// A round in which so many bytes arrive; `queue`: by how much frames wait at the round's end, for how long.
  void round(uint64_t bytes, bool limited = false, uint64_t lost = 0, Time queue = 0, Time wait = 0) {
    const Time sent = now;
    congestion.on_sent(kFrame, bytes);
    for (Time at = 0; at < kRtt; at += kMillisecond)
      congestion.on_round_trip(kRtt + (at + wait >= kRtt ? queue : 0), now + at);
    now += kRtt;
    congestion.on_lost(lost, sent);
    const uint64_t before = delivered;
    delivered += bytes;
    congestion.on_sample({.delivered = delivered, .delivered_then = before, .interval = kRtt, .limited = limited}, now);
  }
  /// Startup has found the rate, and the model probes.
  void find(uint64_t bytes) {
    for (int i = 0; i < 30; ++i) round(bytes);
  }
  [[nodiscard]] double gain() const { return congestion.pacing_rate() / congestion.rate(); }
};

TEST(Congestion, StartupGoesOnWhileTheRateGrowsHoweverLowItIs) {
  Rounds path;
  for (uint64_t bytes = 10 * kFrame; bytes < 2'000'000; bytes = bytes * 3 / 2) {
    path.round(bytes);
    EXPECT_GT(path.gain(), 2) << bytes;
  }
  for (int i = 0; i < 4; ++i) path.round(2'000'000);
  EXPECT_LT(path.gain(), 1.3);
}

TEST(Congestion, StartupEndsWhereAQueueStandsForRounds) {
  Rounds path;
  uint64_t bytes = 100'000;
  const auto rounds = [&](Time wait) {
    for (int i = 0; i < 3; ++i) {
      path.congestion.on_sent(kFrame, path.congestion.window());
      path.round(bytes = bytes * 3 / 2, false, 0, 3 * kMillisecond, wait);
    }
  };
  rounds(0);
  EXPECT_GT(path.gain(), 2);
  rounds(2 * kMillisecond);
  EXPECT_GT(path.gain(), 2) << "one late frame a round is a thread's fault";
  rounds(kRtt);
  EXPECT_LT(path.gain(), 1);
}

TEST(Congestion, WhoHasLittleToSendFillsNoQueueAndForgetsNoRate) {
  Rounds path;
  path.congestion.on_sent(kFrame, kFrame);
  for (int i = 0; i < 20; ++i) path.round(kFrame, true, 0, 3 * kMillisecond, kRtt);
  EXPECT_GT(path.gain(), 2) << "nothing was learned of the rate";
  Rounds full;
  full.find(2'500'000);
  const double rate = full.congestion.rate();
  for (int i = 0; i < 40; ++i) full.round(3000, true);
  EXPECT_EQ(full.congestion.rate(), rate);
  full.find(500'000);
  EXPECT_LT(full.congestion.rate(), rate / 2) << "the path has become slower";
}

TEST(Congestion, LossesInARoundOfOneLateFrameCutNothing) {
  Rounds path;
  path.find(2'500'000);
  const uint64_t window = path.congestion.window();
  path.round(2'500'000, false, 250'000, 3 * kMillisecond, 2 * kMillisecond);
  EXPECT_EQ(path.congestion.window(), window);
  path.round(2'500'000, false, 250'000, 3 * kMillisecond, kRtt);
  EXPECT_LT(path.congestion.window(), window * 2 / 3);
}

TEST(Congestion, WhatIsLostAtRandomIsSentOnTop) {
  Rounds path;
  path.find(2'500'000);
  const double pace = path.congestion.pacing_rate() / path.gain();
  for (int i = 0; i < 900; ++i) path.congestion.on_chance(kFrame, false);
  for (int i = 0; i < 100; ++i) path.congestion.on_chance(kFrame, true);
  EXPECT_NEAR(path.congestion.pacing_rate() / pace, 1 / 0.9, 0.35);
  path.round(2'400'000, false, 500'000, 3 * kMillisecond, kRtt);
  EXPECT_GT(path.congestion.window(), 2'500'000 / 0.9 * 0.98) << "a cut leaves what keeps the path busy";
}

}  // namespace
}  // namespace pfs::transport
