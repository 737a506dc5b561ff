#include "session/neighbours/neighbours.hpp"

#include <gtest/gtest.h>

#include <random>

#include "wire.hpp"

namespace pfs::session {
namespace {

using transport::kMillisecond;
using transport::kNever;
using transport::kSecond;

constexpr Time kStart = 1000 * kSecond;

/// One of our addresses with one next hop, over IPv4 or IPv6.
struct Link {
  explicit Link(bool v6, uint16_t vlan = 0)
      : ours{.port = 3, .vlan = vlan, .mac = kOurMac, .ip = ip(v6 ? "fd00::1" : "10.9.0.1")},
        them{{.port = 3, .vlan = vlan, .mac = kTheirMac, .ip = ip(v6 ? "fd00::2" : "10.9.0.2")}},
        neighbours(std::span(&ours, 1), std::array{NextHop{.own = ours, .ip = them.own.ip}}, config) {}

  Drop hear(const NeighbourFrame& frame, Time now) { return neighbours.on_frame(frame.frame(), 3, now); }
  /// Asks and is answered.
  void settle(Time now) {
    EXPECT_FALSE(neighbours.resolve(0, now));
    EXPECT_EQ(all_of(neighbours, now).size(), 1u);
    EXPECT_EQ(hear(them.answer(ours.ip, kOurMac), now), Drop::kNone);
    EXPECT_EQ(neighbours.resolve(0, now), kTheirMac);
  }

  NeighbourConfig config;
  OwnAddress ours;
  Machine them;
  Neighbours neighbours;
};

class NeighboursOf : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(BothVersions, NeighboursOf, testing::Bool(),
                         [](const auto& v6) { return v6.param ? "Ipv6" : "Ipv4"; });

TEST_P(NeighboursOf, ARequestForOurAddressIsAnsweredToTheOneWhoAsked) {
  for (const uint16_t vlan : {0, 12}) {
    Link link(GetParam(), vlan);
    EXPECT_EQ(link.hear(link.them.request(link.ours.ip), kStart), Drop::kNone);
    const auto out = all_of(link.neighbours, kStart);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].port, 3);
    EXPECT_EQ(destination(out[0]), kTheirMac);
    EXPECT_EQ(read_link_header(out[0].frame())->vlan, vlan);
    const NeighbourMessage answer = read(out[0]);
    EXPECT_TRUE(answer.answer);
    EXPECT_EQ(answer.target, link.ours.ip);
    EXPECT_EQ(answer.mac, kOurMac);
    EXPECT_EQ(answer.from_mac, kOurMac);
  }
}

TEST_P(NeighboursOf, RequestsForOthersOnOtherPortsOrVlansAreNotAnswered) {
  Link link(GetParam());
  const IpAddress third = ip(GetParam() ? "fd00::3" : "10.9.0.3");
  EXPECT_EQ(link.hear(link.them.request(third), kStart), Drop::kNotPacketfs);
  EXPECT_EQ(link.neighbours.on_frame(link.them.request(link.ours.ip).frame(), 4, kStart), Drop::kNotPacketfs);
  link.them.own.vlan = 9;
  EXPECT_EQ(link.hear(link.them.request(link.ours.ip), kStart), Drop::kNotPacketfs);
  EXPECT_TRUE(all_of(link.neighbours, kStart).empty());
}

TEST_P(NeighboursOf, AnAddressThatSomebodyWantsToTakeIsDefended) {
  Link link(GetParam());
  link.them.own.ip = {.v6 = GetParam()};
  EXPECT_EQ(link.hear(link.them.request(link.ours.ip), kStart), Drop::kNone);
  const auto out = all_of(link.neighbours, kStart);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(destination(out[0]), GetParam() ? (MacAddress{0x33, 0x33, 0, 0, 0, 1}) : kTheirMac);
  EXPECT_EQ(read(out[0]).target, link.ours.ip);
}

TEST_P(NeighboursOf, AFloodOfRequestsGetsNoMoreAnswersThanTheBudgetHas) {
  Link link(GetParam());
  uint64_t answers = 0;
  for (uint32_t i = 0; i < 100000; ++i) {  // 50 us apart: 5 s
    link.hear(link.them.request(link.ours.ip), kStart + i * 50 * transport::kMicrosecond);
    answers += all_of(link.neighbours, kStart + i * 50 * transport::kMicrosecond).size();
  }
  EXPECT_LE(answers, 5 * link.config.answers_per_second + 16);
  EXPECT_GE(answers, 5 * link.config.answers_per_second - 1);
  EXPECT_EQ(link.neighbours.counters().not_answered, 100000 - answers);
}

TEST_P(NeighboursOf, ANextHopIsAskedForOfTheWholeLinkUntilItAnswers) {
  Link link(GetParam());
  EXPECT_FALSE(link.neighbours.resolve(0, kStart));
  Time now = kStart;
  std::vector<Time> asked;
  for (int i = 0; i < 4; ++i) {
    now = link.neighbours.next_event();
    EXPECT_FALSE(link.neighbours.resolve(0, now));
    const auto out = all_of(link.neighbours, now);
    ASSERT_EQ(out.size(), 1u) << i;
    EXPECT_TRUE(destination(out[0])[0] & 1);
    EXPECT_EQ(read(out[0]).target, link.them.own.ip);
    EXPECT_EQ(read(out[0]).from, link.ours.ip);
    asked.push_back(now - kStart);
  }
  EXPECT_EQ(asked, (std::vector<Time>{0, 250 * kMillisecond, 750 * kMillisecond, 1750 * kMillisecond}));
  const uint32_t before = link.neighbours.changes();
  EXPECT_EQ(link.hear(link.them.answer(link.ours.ip, kOurMac), now), Drop::kNone);
  EXPECT_EQ(link.neighbours.resolve(0, now), kTheirMac);
  EXPECT_NE(link.neighbours.changes(), before);
  EXPECT_EQ(link.neighbours.next_event(), kNever);
}

TEST_P(NeighboursOf, NobodyIsAskedForWhatNobodyWants) {
  Link link(GetParam());
  link.neighbours.resolve(0, kStart);
  uint64_t requests = 0;
  Time now = kStart;
  for (; link.neighbours.next_event() != kNever && now < kStart + 1000 * kSecond; now += 100 * kMillisecond)
    requests += all_of(link.neighbours, now).size();
  EXPECT_EQ(link.neighbours.next_event(), kNever);
  EXPECT_LT(requests, 12u);
  EXPECT_FALSE(link.neighbours.resolve(0, now));
  EXPECT_EQ(all_of(link.neighbours, now).size(), 1u) << "wanted again, asked again";
}

TEST_P(NeighboursOf, AnAnswerThatNobodyAskedForChangesNothing) {
  Link link(GetParam());
  EXPECT_EQ(link.hear(link.them.answer(link.ours.ip, kOurMac), kStart), Drop::kUnasked);
  EXPECT_FALSE(link.neighbours.resolve(0, kStart));
  all_of(link.neighbours, kStart);
  Machine other = link.them;
  other.own.ip = ip(GetParam() ? "fd00::9" : "10.9.0.9");
  EXPECT_EQ(link.hear(other.answer(link.ours.ip, kOurMac), kStart), Drop::kNotPacketfs);
  EXPECT_FALSE(link.neighbours.resolve(0, kStart)) << "somebody else's address";
  other.own.ip = link.them.own.ip;
  other.own.mac = {3, 0, 0, 0, 0, 1};
  EXPECT_EQ(link.hear(other.answer(link.ours.ip, kOurMac), kStart), Drop::kNotPacketfs);
  EXPECT_FALSE(link.neighbours.resolve(0, kStart)) << "a group's MAC address";
}

TEST_P(NeighboursOf, AnAnnouncementOfAnotherMacAddressMakesUsAskAndTheAnswerCounts) {
  Link link(GetParam());
  link.settle(kStart);
  link.them.own.mac = kOtherMac;
  EXPECT_EQ(link.hear(link.them.answer(link.ours.ip, kOurMac), kStart + kSecond), Drop::kUnasked);
  EXPECT_EQ(link.neighbours.resolve(0, kStart + kSecond), kTheirMac) << "not on a stranger's word";
  const auto out = all_of(link.neighbours, kStart + kSecond);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_TRUE(destination(out[0])[0] & 1) << "everybody is asked, not the one that is doubted";
  EXPECT_EQ(link.hear(link.them.answer(link.ours.ip, kOurMac), kStart + kSecond), Drop::kNone);
  EXPECT_EQ(link.neighbours.resolve(0, kStart + kSecond), kOtherMac);
  EXPECT_EQ(link.neighbours.counters().moved, 1u);
}

TEST_P(NeighboursOf, AFloodOfAnnouncementsMakesUsAskOnceASecondAtMost) {
  Link link(GetParam());
  link.settle(kStart);
  Machine liar = link.them;
  liar.own.mac = kOtherMac;
  uint64_t requests = 0;
  for (uint32_t i = 0; i < 10000; ++i) {  // 1 ms apart: 10 s
    const Time now = kStart + kSecond + i * kMillisecond;
    if (link.hear(liar.answer(link.ours.ip, kOurMac), now) == Drop::kUnasked) {
      for ([[maybe_unused]] const NeighbourFrame& request : all_of(link.neighbours, now)) {
        ++requests;
        EXPECT_EQ(link.hear(link.them.answer(link.ours.ip, kOurMac), now), Drop::kNone) << "the true one is first";
      }
    }
    ASSERT_EQ(link.neighbours.resolve(0, now), kTheirMac);
  }
  EXPECT_LE(requests, 11u);
}

TEST_P(NeighboursOf, AnOldMacAddressIsConfirmedByItsOwnerAloneAndUsedMeanwhile) {
  Link link(GetParam());
  link.settle(kStart);
  const Time old = kStart + link.config.lifetime + 1;
  EXPECT_EQ(link.neighbours.resolve(0, old), kTheirMac);
  const auto out = all_of(link.neighbours, old);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(destination(out[0]), kTheirMac);
  const uint32_t before = link.neighbours.changes();
  EXPECT_EQ(link.hear(link.them.answer(link.ours.ip, kOurMac), old), Drop::kNone);
  EXPECT_EQ(link.neighbours.changes(), before);
  EXPECT_EQ(link.neighbours.resolve(0, old + link.config.lifetime), kTheirMac);
  EXPECT_TRUE(all_of(link.neighbours, old + link.config.lifetime).empty());
}

TEST_P(NeighboursOf, AMacAddressThatNobodyConfirmsIsGivenUpAndFoundAgain) {
  Link link(GetParam());
  link.settle(kStart);
  Time now = kStart + link.config.lifetime + 1;
  uint32_t requests = 0;
  while (link.neighbours.resolve(0, now)) {
    requests += static_cast<uint32_t>(all_of(link.neighbours, now).size());
    now = std::max(now + 1, link.neighbours.next_event());
    ASSERT_LT(requests, 10u);
  }
  EXPECT_GE(requests, link.config.attempts);
  EXPECT_LT(now, kStart + link.config.lifetime + 10 * kSecond);
  EXPECT_EQ(link.neighbours.counters().given_up, 1u);
  link.them.own.mac = kOtherMac;
  EXPECT_EQ(link.hear(link.them.answer(link.ours.ip, kOurMac), now), Drop::kNone) << "still asking";
  EXPECT_EQ(link.neighbours.resolve(0, now), kOtherMac);
}

TEST_P(NeighboursOf, ASilentHopIsNeverAskedForAndKnowsWhatItIsTold) {
  Link link(GetParam());
  Neighbours silent({}, std::array{NextHop{.own = link.ours, .ip = link.them.own.ip, .silent = true}}, link.config);
  EXPECT_FALSE(silent.resolve(0, kStart));
  silent.doubt(0, kStart);
  EXPECT_TRUE(all_of(silent, kStart).empty());
  EXPECT_EQ(silent.on_frame(link.them.answer(link.ours.ip, kOurMac).frame(), 3, kStart), Drop::kUnasked);
  silent.learn(0, kTheirMac, kStart);
  EXPECT_EQ(silent.resolve(0, kStart + 1000 * kSecond), kTheirMac);
}

TEST_P(NeighboursOf, WhateverComesIsReadWithinItsBoundsAndTeachesNothing) {
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    std::mt19937 random(seed);
    Link link(GetParam());
    link.settle(kStart);
    const NeighbourFrame good = link.them.request(link.ours.ip);
    for (int i = 0; i < 20000; ++i) {
      std::vector<uint8_t> frame(good.bytes.begin(), good.bytes.begin() + random() % (good.length + 1u));
      for (uint8_t& byte : frame)
        if (random() % 16 == 0) byte = static_cast<uint8_t>(random());
      const Time now = kStart + i * kMillisecond / 10;
      link.neighbours.on_frame(frame, 3, now);
      ASSERT_EQ(link.neighbours.resolve(0, now), kTheirMac) << "seed " << seed;
      all_of(link.neighbours, now);
    }
  }
}

}  // namespace
}  // namespace pfs::session
