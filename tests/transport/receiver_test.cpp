#include "transport/receiver.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pfs::transport {
namespace {

using Verdict = Receiver::Verdict;

constexpr uint32_t kFirst = 0xFFFFFFF0;
constexpr Opening kOpening = {.streams = 2, .first_seq = kFirst};

ReceiverConfig small() { return {.streams = 2, .stream_frames = 64, .held = 4}; }

Verdict take(Receiver& receiver, uint32_t ahead, uint16_t stream = 0) {
  return receiver.on_frame({.stream = stream, .seq = kFirst + ahead, .stamp = 1, .denoted = 100, .token = ahead}, 1);
}

TEST(Receiver, TakesNoFrameBeyondItsWindow) {
  Receiver receiver(small(), kOpening);
  EXPECT_EQ(take(receiver, 63), Verdict::kHold);
  EXPECT_EQ(take(receiver, 64), Verdict::kBeyond);
  EXPECT_EQ(take(receiver, 0x7FFFFFFF), Verdict::kBeyond);
  EXPECT_EQ(take(receiver, 0x80000000), Verdict::kDuplicate);  // half of all numbers are from the past
  EXPECT_EQ(receiver.counters().beyond, 2u);
}

TEST(Receiver, HoldsNoMoreThanItsBoundAndAlwaysHasAPlaceForTheNextFrame) {
  Receiver receiver(small(), kOpening);
  for (uint32_t ahead = 1; ahead <= 4; ++ahead) EXPECT_EQ(take(receiver, ahead), Verdict::kHold);
  EXPECT_EQ(take(receiver, 5), Verdict::kNoRoom);
  EXPECT_EQ(take(receiver, 1, 1), Verdict::kNoRoom);  // the bound is that of all streams together
  EXPECT_EQ(take(receiver, 0), Verdict::kDeliver);
  for (uint64_t token = 1; token <= 4; ++token) EXPECT_EQ(receiver.next_held(0), token);
  EXPECT_FALSE(receiver.next_held(0));
  EXPECT_EQ(receiver.held(), 0u);
  EXPECT_EQ(take(receiver, 6), Verdict::kHold);
}

TEST(Receiver, AFrameOfAStreamThatIsNotThereIsUnknown) {
  Receiver receiver(small(), kOpening);
  EXPECT_EQ(take(receiver, 0, 2), Verdict::kUnknown);
  EXPECT_EQ(take(receiver, 0, 0xFFFF), Verdict::kUnknown);
  EXPECT_EQ(receiver.counters().unknown, 2u);
}

TEST(Receiver, AnAckNamesJustTheFramesThatAreHere) {
  Receiver receiver(small(), kOpening);
  for (const uint32_t ahead : {0u, 2u, 5u, 63u}) take(receiver, ahead);
  Ack ack;
  ASSERT_TRUE(receiver.next_ack(1 + kMillisecond, ack));
  EXPECT_EQ(ack.next, kFirst + 1);
  std::vector<uint32_t> named;
  for (uint32_t bit = 0; bit < ack.words * 64; ++bit)
    if ((ack.map[bit / 64] >> bit % 64 & 1) != 0) named.push_back(ack.first + bit - kFirst);
  EXPECT_EQ(named, (std::vector<uint32_t>{2, 5, 63}));
  EXPECT_EQ(ack.stamp, 1u);
  EXPECT_EQ(ack.held, kMillisecond);
  EXPECT_FALSE(receiver.next_ack(1 + kMillisecond, ack));
}

/// Numbers beyond kFirst that the Acks which are due name, one after the other.
std::vector<uint32_t> told(Receiver& receiver, Time now, uint32_t& acks) {
  std::vector<uint32_t> named;
  Ack ack;
  for (acks = 0; receiver.next_ack(now, ack); ++acks)
    for (uint32_t bit = 0; bit < ack.words * 64; ++bit)
      if ((ack.map[bit / 64] >> bit % 64 & 1) != 0) named.push_back(ack.first + bit - kFirst);
  return named;
}

TEST(Receiver, WhereAMapDoesNotReachAllThatIsHereEachPartWithNewsIsToldOfSeveralTimes) {
  Receiver receiver({.streams = 1, .stream_frames = 16384, .held = 16384}, {.first_seq = kFirst});
  std::vector<uint32_t> here;
  for (uint32_t ahead = 1; ahead < 12'000; ahead += 2) {
    take(receiver, ahead);
    here.push_back(ahead);
  }
  uint32_t acks = 0;
  for (int round = 0; round < 4; ++round) {
    receiver.on_ping(0, 1, 1);
    EXPECT_EQ(told(receiver, 1, acks), here) << round;
    EXPECT_EQ(acks, 3u);
  }
  take(receiver, 6000);
  std::vector<uint32_t> named = told(receiver, 1 + kMillisecond, acks);
  EXPECT_EQ(acks, 1u) << "there is news of a single part";
  EXPECT_TRUE(std::ranges::find(named, 6000u) != named.end());
  EXPECT_LE(named.back() - named.front(), 1100u);
  receiver.on_frame({.seq = kFirst + 1, .stamp = 1}, 1);  // its sender has not heard of it
  named = told(receiver, 1 + kMillisecond, acks);
  EXPECT_EQ(named.front(), 1u);
  take(receiver, 16'382);
  EXPECT_EQ(told(receiver, 1 + kMillisecond, acks).back(), 16'382u) << "behind the last place the first one begins";
}

TEST(Receiver, WhatComesDuringARoundOfAcksIsToldOfAfterTheRound) {
  Receiver receiver({.streams = 1, .stream_frames = 8192, .held = 8192}, {.streams = 1, .first_seq = kFirst});
  for (uint32_t ahead = 1; ahead < 8192; ahead += 2) take(receiver, ahead);
  Ack ack;
  const Time then = 1 + kMillisecond;
  ASSERT_TRUE(receiver.next_ack(then, ack));
  ASSERT_EQ(receiver.next_event(), 0u) << "the round is not over";
  take(receiver, 600);
  while (receiver.next_ack(then, ack)) {
  }
  ASSERT_NE(receiver.next_event(), kNever);
  bool named = false;
  while (receiver.next_ack(then + kSecond, ack))
    for (uint32_t bit = 0; bit < ack.words * 64; ++bit)
      named |= (ack.map[bit / 64] >> bit % 64 & 1) != 0 && ack.first + bit == kFirst + 600;
  EXPECT_TRUE(named);
}

TEST(Receiver, EveryDuplicateIsAnsweredAtOnce) {
  Receiver receiver(small(), kOpening);
  Ack ack;
  take(receiver, 0);
  EXPECT_FALSE(receiver.next_ack(1, ack));
  EXPECT_EQ(take(receiver, 0), Verdict::kDuplicate);
  EXPECT_TRUE(receiver.next_ack(1, ack));
  take(receiver, 3);
  while (receiver.next_ack(1, ack)) {
  }
  EXPECT_EQ(take(receiver, 3), Verdict::kDuplicate);
  EXPECT_TRUE(receiver.next_ack(1, ack));
}

TEST(Receiver, GrantsWhatWasDeliveredAndTheRoomThatTheGaugeLeaves) {
  ReceiverConfig config = small();
  config.bytes = 1000;
  Receiver receiver(config, kOpening);
  const auto granted = [&] {
    Ack ack;
    receiver.on_ping(0, 1, 1);
    EXPECT_TRUE(receiver.next_ack(1, ack));
    return ack.bytes;
  };
  for (uint32_t ahead = 0; ahead < 4; ++ahead) take(receiver, ahead);  // 400 bytes
  EXPECT_EQ(granted(), 1000u) << "as long as the gauge was not read, all that was delivered is worked on";
  receiver.on_backlog(400, 0, 1);
  EXPECT_EQ(granted(), 1000u);
  receiver.on_backlog(100, 0, 1);
  EXPECT_EQ(granted(), 1300u);
  receiver.on_backlog(5000, 0, 1);
  EXPECT_EQ(granted(), 1300u) << "what was granted once stays granted";
  receiver.on_backlog(0, 0, 1);
  receiver.on_backlog(0, 0, 1);
  EXPECT_EQ(granted(), 1400u) << "a gauge that is read twice counts once";
}

TEST(Receiver, SaysAtOnceWhenTheGrantHasGrownByMuchOrThePressureIsGone) {
  ReceiverConfig config = small();
  config.bytes = 1000;
  Receiver receiver(config, kOpening);
  for (uint32_t ahead = 0; ahead < 7; ++ahead) take(receiver, ahead);
  receiver.on_backlog(700, 200, 1);
  Ack ack;
  while (receiver.next_ack(1 + kMillisecond, ack)) {
  }
  EXPECT_EQ(ack.pressure, 200u);
  receiver.on_backlog(340, 200, 1);  // 660 more, where 300 are left
  EXPECT_FALSE(receiver.next_ack(1, ack));
  receiver.on_backlog(330, 200, 1);
  ASSERT_TRUE(receiver.next_ack(1, ack));
  EXPECT_EQ(ack.bytes, 1370u);
  EXPECT_EQ(ack.stamp, 0u);  // the Ack answers no frame, so it says nothing of the round trip
  receiver.on_backlog(330, 137, 1);
  EXPECT_FALSE(receiver.next_ack(1, ack));
  receiver.on_backlog(330, 136, 1);
  ASSERT_TRUE(receiver.next_ack(1, ack));
  EXPECT_EQ(ack.pressure, 136u);
}

TEST(Receiver, GivesBackWhatItHoldsAndBeginsAnew) {
  Receiver receiver(small(), kOpening);
  for (const uint32_t ahead : {0u, 2u, 63u}) take(receiver, ahead);
  take(receiver, 5, 1);
  std::vector<uint64_t> tokens;
  receiver.give_up([&](uint64_t token) { tokens.push_back(token); });
  EXPECT_EQ(tokens, (std::vector<uint64_t>{2, 63, 5}));
  EXPECT_EQ(receiver.held(), 0u);
  receiver.reset({.streams = 1, .first_seq = 7});
  Ack ack;
  EXPECT_FALSE(receiver.next_ack(kSecond, ack));
  EXPECT_EQ(take(receiver, 0, 1), Verdict::kUnknown);
  EXPECT_EQ(receiver.on_frame({.seq = 8, .stamp = 1, .token = 1}, 1), Verdict::kHold);
  EXPECT_EQ(receiver.on_frame({.seq = 7, .stamp = 1, .token = 0}, 1), Verdict::kDeliver);
  EXPECT_EQ(receiver.next_held(0), 1u);
  EXPECT_FALSE(receiver.next_held(0));
}

}  // namespace
}  // namespace pfs::transport
