#include "transport/sender.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace pfs::transport {
namespace {

constexpr uint32_t kFirst = 0xFFFFFFF0;
constexpr Time kBegin = kSecond;  // a burst may leave at once, as if there had been a pause

struct Arrivals final : SenderSink {
  std::vector<uint64_t> tokens;
  std::vector<uint64_t> given_up;
  void on_arrived(uint64_t token) noexcept override { tokens.push_back(token); }
  void on_given_up(uint64_t token) noexcept override { given_up.push_back(token); }
};

struct Rig {
  Arrivals arrivals;
  Sender sender{{.streams = 2, .stream_frames = 64, .frames = 100}, arrivals, {.first_seq = kFirst}};

  Rig() { sender.add_path(0, {}, 0); }

  /// Submits and sends `count` frames of 1,500 bytes.
  void send(uint32_t count, Time now) {
    for (uint32_t i = 0; i < count; ++i) sender.submit(0, i, 1500, 1500);
    while (sender.depart(now)) {
    }
  }
  static Ack ack(uint32_t next) {
    return {.next = kFirst + next, .first = kFirst + next + 1, .frames = 64, .bytes = 1 << 20, .stamp = kBegin};
  }
};

TEST(Sender, RoomIsTheWindowTheFlightsAndTheGrantWhicheverIsLeast) {
  Rig rig;
  EXPECT_EQ(rig.sender.room(0), 64u);
  EXPECT_EQ(rig.sender.room(2), 0u);
  for (uint64_t i = 0; i < 64; ++i) rig.sender.submit(0, i, 1500, 1);
  EXPECT_EQ(rig.sender.room(0), 0u);
  EXPECT_EQ(rig.sender.room(1), 36u);
  rig.sender.submit(1, 0, 1500, uint64_t{1} << 40);
  EXPECT_EQ(rig.sender.room(1), 0u);  // more is denoted than was granted
}

TEST(Sender, AnAckFreesWhatItNamesAndNothingElse) {
  Rig rig;
  rig.send(10, kBegin);
  Ack ack = Rig::ack(3);
  ack.words = 1;
  ack.map[0] = 0b101;  // 4 and 6
  rig.sender.on_ack(ack, kBegin + 2);
  EXPECT_EQ(rig.arrivals.tokens, (std::vector<uint64_t>{0, 1, 2, 4, 6}));
  rig.sender.on_ack(ack, kBegin + 3);
  EXPECT_EQ(rig.arrivals.tokens.size(), 5u);
  EXPECT_EQ(rig.sender.unacknowledged(), 5u);
}

TEST(Sender, AcksOfWhatWasNeverSentAreRefused) {
  Rig rig;
  rig.send(10, kBegin);
  rig.sender.submit(0, 10, 1500, 1500);  // submitted, not sent
  rig.sender.on_ack(Rig::ack(11), kBegin + 2);
  EXPECT_EQ(rig.sender.counters().acks_refused, 1u);
  EXPECT_TRUE(rig.arrivals.tokens.empty());
  Ack map = Rig::ack(0);
  map.words = kAckWords;
  map.map.fill(~uint64_t{0});
  rig.sender.on_ack(map, kBegin + 2);
  EXPECT_EQ(rig.arrivals.tokens.size(), 9u);  // 1 to 9, and none that was never sent
  for (Ack bad : {Ack{.stream = 2}, Ack{.path = 4}, Ack{.next = kFirst, .words = kAckWords + 1}}) {
    bad.next = kFirst;
    rig.sender.on_ack(bad, kBegin + 2);
  }
  EXPECT_EQ(rig.sender.counters().acks_refused, 4u);
}

TEST(Sender, LaterArrivalsShowALossAfterARoundTripAndAQuarter) {
  Rig rig;
  rig.send(1, kBegin + kMillisecond);
  Ack first = Rig::ack(1);
  first.stamp = kBegin + kMillisecond;
  rig.sender.on_ack(first, kBegin + 2 * kMillisecond);  // a round trip of 1 ms
  rig.sender.submit(0, 1, 1500, 1500);
  ASSERT_TRUE(rig.sender.depart(kBegin + 3 * kMillisecond));
  rig.sender.submit(0, 2, 1500, 1500);
  ASSERT_TRUE(rig.sender.depart(kBegin + 3 * kMillisecond + kMicrosecond));
  Ack second = Rig::ack(1);
  second.words = 1;
  second.map[0] = 1;  // the third frame is here, the second is not
  second.stamp = kBegin + 3 * kMillisecond + kMicrosecond;
  rig.sender.on_ack(second, kBegin + 4 * kMillisecond);
  EXPECT_FALSE(rig.sender.depart(kBegin + 4 * kMillisecond));
  rig.sender.on_time(kBegin + 6 * kMillisecond);
  const auto repair = rig.sender.depart(kBegin + 6 * kMillisecond);
  ASSERT_TRUE(repair);
  EXPECT_TRUE(repair->repair);
  EXPECT_EQ(repair->token, 1u);
}

TEST(Sender, NewsThatOneAckBringsLateCountsOnceHoweverManyFramesItIsOf) {
  Rig rig;
  const auto tell = [&](uint32_t next, uint64_t map, Time now) {
    Ack ack = Rig::ack(next);
    ack.words = 1;
    ack.map[0] = map;
    ack.stamp = next == 1 && map == 0 ? kBegin : 0;
    rig.sender.on_ack(ack, now);
  };
  rig.send(1, kBegin);
  tell(1, 0, kBegin + kMillisecond);  // a round trip of 1 ms
  rig.send(40, kBegin + 2 * kMillisecond);
  rig.send(1, kBegin + 2 * kMillisecond + kMicrosecond);
  tell(1, uint64_t{1} << 39, kBegin + 3 * kMillisecond);  // only the last one is known to be here
  rig.sender.on_time(kBegin + 6 * kMillisecond);
  while (rig.sender.depart(kBegin + 6 * kMillisecond)) {
  }
  tell(42, 0, kBegin + 6 * kMillisecond + kMicrosecond);
  EXPECT_EQ(rig.sender.counters().needless, 40u);
  rig.send(1, kBegin + 10 * kMillisecond);
  rig.send(1, kBegin + 10 * kMillisecond + kMicrosecond);
  tell(42, 0b1, kBegin + 11 * kMillisecond + kMicrosecond);
  rig.sender.on_time(kBegin + 12 * kMillisecond);
  const auto repair = rig.sender.depart(kBegin + 12 * kMillisecond);
  ASSERT_TRUE(repair);
  EXPECT_EQ(repair->seq, kFirst + 42);
}

TEST(Sender, ASilentPathGetsOneProbeThenAFewThenOnlyPings) {
  Rig rig;
  rig.send(9, kBegin);
  std::vector<uint32_t> departures;
  std::vector<bool> pings;
  Time now = kBegin;
  for (int silence = 0; silence < 4; ++silence) {
    now = rig.sender.next_event(now);
    ASSERT_NE(now, kNever);
    rig.sender.on_time(now);
    uint32_t count = 0;
    bool ping = false;
    while (const auto departure = rig.sender.depart(now)) {
      ping |= departure->ping;
      ++count;
    }
    departures.push_back(count);
    pings.push_back(ping);
  }
  EXPECT_EQ(departures[0], 1u);
  EXPECT_EQ(departures[1], 4u);
  EXPECT_EQ(pings, (std::vector<bool>{false, false, true, true}));
  EXPECT_EQ(departures[3], 1u);
}

/// Sends one frame and has it acknowledged after `rtt`, so that the path has a round trip.
void measure(Rig& rig, Time begin, Time rtt) {
  rig.send(1, begin);
  Ack ack = Rig::ack(1);
  ack.stamp = begin;
  rig.sender.on_ack(ack, begin + rtt);
}

TEST(Sender, ANackRepairsAtOnceAndOnceForEachRoundTrip) {
  Rig rig;
  measure(rig, kBegin, kMillisecond);
  rig.send(4, kBegin + 2 * kMillisecond);
  const auto nacked = [&](uint32_t ahead, uint32_t count, Time now) {
    rig.sender.on_nack(0, kFirst + ahead, count, now);
    return rig.sender.counters().nacked;
  };
  EXPECT_EQ(nacked(2, 1, kBegin + 2 * kMillisecond + 999 * kMicrosecond), 0u) << "no news can be so new";
  EXPECT_EQ(nacked(2, 1, kBegin + 3 * kMillisecond), 1u);
  EXPECT_EQ(nacked(2, 1, kBegin + 3 * kMillisecond), 1u) << "the frame waits to be sent already";
  const auto repair = rig.sender.depart(kBegin + 3 * kMillisecond);
  ASSERT_TRUE(repair);
  EXPECT_TRUE(repair->repair);
  EXPECT_EQ(repair->seq, kFirst + 2);
  EXPECT_EQ(nacked(2, 1, kBegin + 4 * kMillisecond - 1), 1u);
  EXPECT_EQ(nacked(2, 1, kBegin + 4 * kMillisecond), 2u);
  EXPECT_EQ(rig.sender.counters().nacks_refused, 3u);
}

TEST(Sender, NacksOfWhatIsNotInFlightAreRefused) {
  Rig rig;
  measure(rig, kBegin, kMillisecond);
  rig.send(2, kBegin + 2 * kMillisecond);
  rig.sender.submit(0, 3, 1500, 1500);
  const Time now = kBegin + 9 * kMillisecond;
  rig.sender.on_nack(0, kFirst, 1, now);               // acknowledged
  rig.sender.on_nack(0, kFirst + 3, UINT32_MAX, now);  // submitted, not sent
  rig.sender.on_nack(2, kFirst + 1, 1, now);
  EXPECT_EQ(rig.sender.counters().nacks_refused, 3u);
  rig.sender.on_nack(0, kFirst - 5, UINT32_MAX, now);
  EXPECT_EQ(rig.sender.counters().nacked, 2u);
}

TEST(Sender, ANackOfAFrameThatIsHereIsRefused) {
  Rig rig;
  measure(rig, kBegin, kMillisecond);
  rig.send(3, kBegin + 2 * kMillisecond);
  Ack ack = Rig::ack(1);
  ack.words = 1;
  ack.map[0] = 1;  // the second of the three
  rig.sender.on_ack(ack, kBegin + 3 * kMillisecond);
  rig.sender.on_nack(0, kFirst + 2, 1, kBegin + 9 * kMillisecond);
  EXPECT_EQ(rig.sender.counters().nacked, 0u);
  EXPECT_EQ(rig.sender.counters().nacks_refused, 1u);
}

TEST(Sender, AFrameThatIsRepairedForeverRemainsOneFrame) {
  constexpr uint32_t kRepairs = 70'000;  // more than 16 bits count
  Rig rig;
  measure(rig, kBegin, kMillisecond);
  rig.send(1, kBegin + 2 * kMillisecond);
  Time now = kBegin + 2 * kMillisecond;
  for (uint32_t i = 0; i < kRepairs; ++i) {
    now += 2 * kMillisecond;
    rig.sender.on_nack(0, kFirst + 1, 1, now);
    const auto repair = rig.sender.depart(now);
    ASSERT_TRUE(repair && repair->repair) << i;
    ASSERT_EQ(repair->seq, kFirst + 1);
  }
  EXPECT_EQ(rig.sender.unacknowledged(), 1u);
  rig.sender.give_up();
  EXPECT_EQ(rig.arrivals.given_up.size(), 1u);
  EXPECT_EQ(rig.sender.unacknowledged(), 0u);
}

TEST(Sender, PressureSlowsThePaceToOneFrameEachTimeout) {
  Rig rig;
  measure(rig, kBegin, kMillisecond);
  for (uint32_t i = 0; i < 60; ++i) rig.sender.submit(0, i, 1500, 1500);
  const auto sent_within = [&](uint8_t pressure, Time begin, Time length) {
    Ack ack = Rig::ack(1);
    ack.pressure = pressure;
    ack.stamp = begin - kMillisecond;
    rig.sender.on_ack(ack, begin);
    uint32_t count = 0;
    for (Time now = begin; now < begin + length; now += 10 * kMicrosecond) count += rig.sender.depart(now).has_value();
    return count;
  };
  const Time begin = kBegin + 2 * kMillisecond;
  EXPECT_LE(sent_within(255, begin, kMillisecond), 4u) << "what leaves before the first interval begins";
  const Time timeout = rig.sender.path(0).timeout();
  EXPECT_LE(sent_within(255, begin + kMillisecond, 4 * timeout), 4u);
  EXPECT_GE(sent_within(0, begin + kMillisecond + 4 * timeout, kMillisecond), 3u) << "relief is felt at once";
}

TEST(Sender, GivesEveryTokenBackAndBeginsAnew) {
  Rig rig;
  measure(rig, kBegin, kMillisecond);
  rig.send(4, kBegin + 2 * kMillisecond);
  rig.sender.on_nack(0, kFirst + 2, 1, kBegin + 9 * kMillisecond);  // waits to be sent again
  rig.sender.submit(1, 100, 1500, 1500);
  rig.sender.give_up();
  EXPECT_EQ(rig.arrivals.given_up, (std::vector<uint64_t>{0, 1, 2, 3, 100}));
  EXPECT_EQ(rig.sender.unacknowledged(), 0u);
  rig.sender.reset({.streams = 1, .first_seq = 7, .frames = 3, .bytes = 100});
  EXPECT_EQ(rig.sender.room(0), 3u);
  EXPECT_EQ(rig.sender.room(1), 0u);
  EXPECT_EQ(rig.sender.submit(0, 5, 1500, 101), 7u);
  EXPECT_EQ(rig.sender.room(0), 0u);
  EXPECT_FALSE(rig.sender.depart(kBegin + kSecond)) << "there is no path";
  EXPECT_EQ(rig.sender.next_event(kBegin + kSecond), kNever);
  rig.sender.add_path(3, {}, kBegin + kSecond);
  const auto departure = rig.sender.depart(kBegin + kSecond);
  ASSERT_TRUE(departure);
  EXPECT_EQ(departure->token, 5u);
  EXPECT_EQ(departure->path, 3u);
}

TEST(Sender, WhatIsInFlightOnAPathThatGoesIsSentByTheOthers) {
  Rig rig;
  rig.send(3, kBegin);
  rig.sender.remove_path(0);
  EXPECT_FALSE(rig.sender.depart(kBegin + 1));
  rig.sender.add_path(1, {}, kBegin + 1);
  for (uint32_t i = 0; i < 2; ++i) EXPECT_EQ(rig.sender.depart(kBegin + 1)->path, 1u);
  rig.sender.on_ack(Rig::ack(3), kBegin + 2);  // by the path that is gone, before the third could go again
  EXPECT_EQ(rig.arrivals.tokens.size(), 3u);
  rig.sender.add_path(0, {}, kBegin + kMillisecond);
  rig.sender.on_ack(Rig::ack(3), kBegin + kMillisecond);
  EXPECT_EQ(rig.sender.path(0).round_trip(), 0u) << "a stamp from before the path was there says nothing of it";
}

TEST(Sender, FramesOfAPathThatIsGoneSayNothingOfTheNextOneOfThatNumber) {
  Rig rig;
  measure(rig, kBegin, kMillisecond);
  rig.send(60, kBegin + 2 * kMillisecond);
  const uint64_t before = rig.sender.counters().sent;
  rig.sender.remove_path(0);
  rig.sender.add_path(0, {}, kBegin + 3 * kMillisecond);
  ASSERT_TRUE(rig.sender.depart(kBegin + 3 * kMillisecond));
  Ack late = Rig::ack(1);
  late.words = 1;
  late.map[0] = (uint64_t{1} << (before - 1)) - 2;  // all but the one that was sent again
  rig.sender.on_ack(late, kBegin + 3 * kMillisecond + kMicrosecond);
  rig.sender.on_ack(Rig::ack(2), kBegin + 4 * kMillisecond);
  EXPECT_LE(rig.sender.path(0).delivered(), 1500u);
}

TEST(Sender, StreamsTakeTurnsAndOneWithoutGrantKeepsNobodyWaiting) {
  Rig rig;
  for (uint32_t i = 0; i < 30; ++i) rig.sender.submit(0, i, 1500, 1);
  for (uint32_t i = 0; i < 10; ++i) rig.sender.submit(1, 100 + i, 1500, 1);
  const auto leave = [&](uint32_t count) {
    uint32_t of_second = 0;
    for (uint32_t i = 0; i < count; ++i) of_second += rig.sender.depart(kBegin)->stream;
    return of_second;
  };
  EXPECT_EQ(leave(12), 4u);
  Ack shrunk = Rig::ack(8);
  shrunk.frames = 1;  // the eight that came are all that the first stream has places for, and one more
  rig.sender.on_ack(shrunk, kBegin);
  EXPECT_EQ(leave(7), 6u);
}

TEST(Sender, APingThatIsAnsweredShowsTheLossOfWhatWasSentBeforeIt) {
  Rig rig;
  measure(rig, kBegin, kMillisecond);
  rig.send(1, kBegin + 2 * kMillisecond);
  Ack pong = Rig::ack(1);
  pong.stamp = kBegin + 2500 * kMicrosecond;
  rig.sender.on_ack(pong, kBegin + 3500 * kMicrosecond);
  EXPECT_FALSE(rig.sender.depart(kBegin + 3500 * kMicrosecond)) << "the frame may still be on its way";
  rig.sender.on_time(kBegin + 8 * kMillisecond);
  const auto repair = rig.sender.depart(kBegin + 8 * kMillisecond);
  ASSERT_TRUE(repair);
  EXPECT_TRUE(repair->repair);
}

}  // namespace
}  // namespace pfs::transport
