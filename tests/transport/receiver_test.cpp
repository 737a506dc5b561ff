#include "transport/receiver.hpp"

#include <gtest/gtest.h>

namespace pfs::transport {
namespace {

using Verdict = Receiver::Verdict;

ReceiverConfig small() { return {.streams = 2, .stream_frames = 64, .first_seq = 0xFFFFFFF0, .held = 4}; }

Verdict take(Receiver& receiver, uint32_t ahead, uint16_t stream = 0) {
  return receiver.on_frame(stream, small().first_seq + ahead, ahead, 0, 1, 1);
}

TEST(Receiver, TakesNoFrameBeyondItsWindow) {
  Receiver receiver(small());
  EXPECT_EQ(take(receiver, 63), Verdict::kHold);
  EXPECT_EQ(take(receiver, 64), Verdict::kBeyond);
  EXPECT_EQ(take(receiver, 0x7FFFFFFF), Verdict::kBeyond);
  EXPECT_EQ(take(receiver, 0x80000000), Verdict::kDuplicate);  // half of all numbers are from the past
  EXPECT_EQ(receiver.counters().beyond, 2u);
}

TEST(Receiver, HoldsNoMoreThanItsBoundAndAlwaysHasAPlaceForTheNextFrame) {
  Receiver receiver(small());
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
  Receiver receiver(small());
  EXPECT_EQ(take(receiver, 0, 2), Verdict::kUnknown);
  EXPECT_EQ(take(receiver, 0, 0xFFFF), Verdict::kUnknown);
  EXPECT_EQ(receiver.counters().unknown, 2u);
}

TEST(Receiver, AnAckNamesJustTheFramesThatAreHere) {
  Receiver receiver(small());
  for (const uint32_t ahead : {0u, 2u, 5u, 63u}) take(receiver, ahead);
  Ack ack;
  ASSERT_TRUE(receiver.next_ack(1 + kMillisecond, ack));
  EXPECT_EQ(ack.next, small().first_seq + 1);
  std::vector<uint32_t> named;
  for (uint32_t bit = 0; bit < ack.words * 64; ++bit)
    if ((ack.map[bit / 64] >> bit % 64 & 1) != 0) named.push_back(ack.first + bit - small().first_seq);
  EXPECT_EQ(named, (std::vector<uint32_t>{2, 5, 63}));
  EXPECT_EQ(ack.stamp, 1u);
  EXPECT_EQ(ack.held, kMillisecond);
  EXPECT_FALSE(receiver.next_ack(1 + kMillisecond, ack));
}

TEST(Receiver, EveryDuplicateIsAnsweredAtOnce) {
  Receiver receiver(small());
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

TEST(Receiver, GrantsTheBytesThatWereConsumedAndSaysSo) {
  ReceiverConfig config = small();
  config.bytes = 1000;
  Receiver receiver(config);
  Ack ack;
  receiver.on_consumed(499);
  EXPECT_FALSE(receiver.next_ack(1, ack));
  receiver.on_consumed(1);
  ASSERT_TRUE(receiver.next_ack(1, ack));
  EXPECT_EQ(ack.bytes, 1500u);
  EXPECT_EQ(ack.stamp, 0u);  // the Ack answers no frame, so it says nothing of the round trip
}

}  // namespace
}  // namespace pfs::transport
