// Frames out of order, twice, too early, never: what a stream makes of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "rig.hpp"

namespace pfs::test {
namespace {

TEST(Sequence, EveryOrderOfSixFramesGivesTheSameGrams) {
  std::vector<Bytes> frames;
  for (uint32_t gram = 0; gram < 2; ++gram) {
    frames.push_back(frame({.seq = gram * 3, .gram = gram}, Units().gram().run(2, {gram})));
    frames.push_back(frame({.seq = gram * 3 + 1, .gram = gram, .frag = 1}, Units().literal({uint8_t(gram)})));
    frames.push_back(frame({.seq = gram * 3 + 2, .gram = gram, .frag = 2}, Units().run(2, {9}).gram_end()));
  }
  std::vector<size_t> order(frames.size());
  std::iota(order.begin(), order.end(), 0);
  do {
    Rig rig;
    for (const size_t i : order) rig.take(frames[i]);
    ASSERT_EQ(rig.numbers(), (std::vector<uint32_t>{0, 1})) << "order " << testing::PrintToString(order);
    ASSERT_EQ(rig.sink.given[1].table, (std::vector{blocks(1), slab_range(0, 1), blocks(9)}));
    ASSERT_EQ(rig.all_dropped(), 0u);
    ASSERT_TRUE(rig.sink.held.empty());
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Sequence, HoldsAsManyFramesAsItSays) {
  Rig rig;  // 8
  rig.take(small_gram(0, 0));
  for (uint32_t seq = 2; seq <= 9; ++seq) EXPECT_FALSE(rig.take(small_gram(seq, seq)));
  EXPECT_EQ(rig.assembler.frames_in_flight(), 8u);
  EXPECT_TRUE(rig.take(small_gram(1, 1)));
  EXPECT_EQ(rig.sink.given.size(), 10u);
  EXPECT_EQ(rig.next(), 10u);
}

TEST(Sequence, FrameAWholeTableAheadIsNotTakenForTheNextOne) {
  Rig rig;
  rig.take(small_gram(0, 0));
  rig.take(small_gram(9, 9));  // shares its place with frame 1
  rig.take(frame({.seq = 1, .gram = 1}, Units().gram().put(0xC7, 1)));
  EXPECT_EQ(rig.assembler.frames_in_flight(), 1u);
  EXPECT_EQ(rig.next(), 1u);
}

TEST(Sequence, NoFrameIsTooLongToBeHeld) {
  RigConfig config;
  config.pool.descriptors = 700000;
  Rig rig(config);
  Units units;
  units.gram();
  while (units.wire.size() + 60 < 65535) {  // 256 extents of a byte, one byte apart
    units.put(0xC1, 1).put(255, 1).put(0, 2).put(4096, 8).put(1, 8).put(1, 4);
  }
  EXPECT_FALSE(rig.take(frame({.seq = 1, .gram = 1}, units.gram_end())));
  rig.take(small_gram(0, 0));
  EXPECT_EQ(rig.sink.given.size(), 2u);
}

TEST(Sequence, FrameTakenOrHeldBeforeIsADuplicate) {
  Rig rig;
  rig.take(small_gram(0, 0));
  rig.take(small_gram(0, 0));
  rig.take(small_gram(2, 2));
  rig.take(small_gram(2, 2));
  EXPECT_EQ(rig.dropped(Drop::kDuplicate), 2u);
  rig.take(small_gram(1, 1));
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0, 1, 2}));
}

TEST(Sequence, BrokenFrameIsNamedByItsFaultWhereverItLies) {
  Rig rig;
  rig.take(small_gram(0, 0));
  for (const uint32_t seq : {0u, 1u, 3u, 500u, 0xFFFFFFF0u}) {
    EXPECT_TRUE(rig.take(frame({.seq = seq, .gram = 1}, Units().gram().run(2, {1 << 20}).gram_end())));
  }
  EXPECT_EQ(rig.dropped(Drop::kOutOfBounds), 5u);
  EXPECT_EQ(rig.all_dropped(), 5u);
  EXPECT_EQ(rig.next(), 1u);
}

TEST(Sequence, NumbersWrap) {
  Rig rig;
  for (const uint32_t seq : {0xFFFFFFFDu, 0xFFFFFFFFu, 0xFFFFFFFEu, 1u, 0u, 0xFFFFFFFFu, 3u, 2u}) {
    rig.take(small_gram(seq, seq));
  }
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF, 0, 1, 2, 3}));
  EXPECT_EQ(rig.dropped(Drop::kDuplicate), 1u);
}

TEST(Sequence, StreamWhoseFirstFramesAreLateBeginsAtZero) {
  Rig rig;
  EXPECT_FALSE(rig.take(small_gram(2, 2)));
  rig.take(small_gram(0, 0));
  rig.take(small_gram(1, 1));
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0, 1, 2}));
}

TEST(Sequence, StreamJoinedLateBeginsAtItsGram) {
  Rig rig;
  rig.take(frame({.seq = 1001, .gram = 50, .frag = 1}, Units().run(2, {2}).gram_end()));
  EXPECT_EQ(rig.next(), 1000u);
  rig.take(frame({.seq = 1000, .gram = 50}, Units().gram().run(2, {1})));
  EXPECT_EQ(rig.numbers(), std::vector<uint32_t>{50});
}

TEST(Sequence, GapIsGivenUpWhenItIsOld) {
  Rig rig;
  rig.take(small_gram(0, 0), 1);
  rig.take(small_gram(3, 3), 10);
  rig.take(small_gram(5, 5), 50);
  rig.age(110);
  EXPECT_EQ(rig.numbers(), std::vector<uint32_t>{0});
  rig.age(111);
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0, 3}));
  EXPECT_EQ(rig.counters().frames_missing.get(), 2u);
  rig.age(151);
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0, 3, 5}));
  EXPECT_EQ(rig.counters().frames_missing.get(), 3u);
  rig.take(small_gram(2, 2), 152);
  EXPECT_EQ(rig.dropped(Drop::kDuplicate), 1u) << "too late";
}

TEST(Sequence, FullHoldTableGivesTheGapUp) {
  Rig rig;
  rig.take(small_gram(0, 0));
  for (uint32_t seq = 2; seq <= 9; ++seq) rig.take(small_gram(seq, seq));
  rig.take(small_gram(10, 10));
  EXPECT_EQ(rig.sink.given.size(), 10u);
  EXPECT_EQ(rig.counters().frames_missing.get(), 1u);
  EXPECT_EQ(rig.all_dropped(), 0u);
}

TEST(Sequence, FrameTooFarAheadIsOutOfWindow) {
  Rig rig;
  rig.take(small_gram(0, 0));
  rig.take(small_gram(10, 10));
  rig.take(small_gram(1000, 1000));
  EXPECT_EQ(rig.dropped(Drop::kOutOfWindow), 2u);
  EXPECT_EQ(rig.next(), 1u);
}

TEST(Sequence, EightConsecutiveFramesFarAheadResynchronise) {
  Rig rig;
  rig.take(small_gram(0, 0));
  rig.take(small_gram(4, 4));
  for (uint32_t seq = 1000; seq < 1007; ++seq) rig.take(small_gram(seq, seq));
  rig.take(small_gram(1008, 1008));  // not the next one: the count begins again
  for (uint32_t seq = 2000; seq < 2007; ++seq) rig.take(small_gram(seq, seq));
  EXPECT_EQ(rig.dropped(Drop::kOutOfWindow), 15u);
  EXPECT_EQ(rig.numbers(), std::vector<uint32_t>{0});
  rig.take(small_gram(2007, 2007));
  rig.take(small_gram(2008, 2008));
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0, 4, 2007, 2008}));
  EXPECT_EQ(rig.counters().frames_missing.get(), 3u + 2002u);
  rig.take(frame({.seq = 2009, .gram = 2009}, Units().gram().mark(0, 0x1234).gram_end()));
  EXPECT_EQ(rig.counters().windows_broken.get(), 1u);
}

TEST(Sequence, ResynchronisingBreaksTheWindow) {
  Rig rig;
  rig.take(small_gram(0, 0));
  for (uint32_t seq = 1000; seq < 1008; ++seq) rig.take(small_gram(seq, seq));
  rig.take(frame({.seq = 1008, .gram = 1008}, Units().gram().mark(0, 0x1234).gram_end()));
  EXPECT_EQ(rig.counters().windows_broken.get(), 1u);
}

/// The first frame of a stream, and of a sender's session.
Bytes session_gram(uint64_t session) {
  return frame({.seq = 0, .gram = 0}, Units().gram().session(session).run(2, {0}).gram_end());
}

TEST(Sequence, GapBehindAFrameThatWaitedLongEndsAtTheNearestHeldFrame) {
  Rig rig;
  rig.take(small_gram(0, 0));
  for (const uint32_t seq : {2u, 5u}) rig.take(small_gram(seq, seq), 1);
  for (const uint32_t seq : {1u, 3u}) rig.take(small_gram(seq, seq), 1);
  rig.take(small_gram(8, 8), 1);
  rig.age(102);
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0, 1, 2, 3, 5, 8}));
  EXPECT_EQ(rig.counters().frames_missing.get(), 3u);
}

TEST(Sequence, FramesThatComeBeforeTheSessionsFirstAreKept) {
  Rig rig;
  for (uint32_t seq = 4; seq > 0; --seq) EXPECT_FALSE(rig.take(small_gram(seq, seq)));
  rig.take(session_gram(100));
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(rig.all_dropped(), 0u);
  rig.take(session_gram(100));
  EXPECT_EQ(rig.dropped(Drop::kDuplicate), 1u);
}

TEST(Sequence, FramesHeldWhenAStartedStreamBeginsANewSessionAreDropped) {
  for (const uint64_t first : {uint64_t{0}, uint64_t{100}}) {
    Rig rig;
    rig.take(first == 0 ? small_gram(0, 0) : session_gram(first));
    EXPECT_FALSE(rig.take(small_gram(3, 3)));
    rig.take(session_gram(101));
    EXPECT_EQ(rig.dropped(Drop::kOutOfWindow), 1u) << "it may be of the session before";
    for (uint32_t seq = 1; seq < 4; ++seq) rig.take(small_gram(seq, seq));
    EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0, 0, 1, 2, 3})) << "session " << first;
  }
}

TEST(Sequence, FramesHeldBeforeTheNumberAtWhichASessionBeginsAreDropped) {
  Rig rig;
  for (const uint32_t seq : {2u, 5u, 6u}) EXPECT_FALSE(rig.take(small_gram(seq, seq)));
  rig.take(frame({.seq = 4, .gram = 4}, Units().gram().session(9).run(2, {0}).gram_end()));
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{4, 5, 6}));
  EXPECT_EQ(rig.dropped(Drop::kOutOfWindow), 1u);
}

TEST(Sequence, NewSessionBeginsTheStreamAnew) {
  Rig rig;
  rig.take(frame({.seq = 0, .gram = 0}, Units().gram().session(100).run(2, {1}).gram_end()));
  rig.take(frame({.seq = 1, .gram = 1}, Units().gram().run(2, {1})));
  rig.take(small_gram(4, 4));
  const Units again = Units().gram(9).session(101).run(2, {2});
  rig.take(frame({.seq = 0, .gram = 0}, Units(again).mark(0, crc16(again.references))));
  EXPECT_EQ(rig.counters().windows_verified.get(), 1u) << "the window begins anew too";
  EXPECT_EQ(rig.dropped(Drop::kIncompleteGram), 1u);
  EXPECT_EQ(rig.dropped(Drop::kOutOfWindow), 1u);
  EXPECT_TRUE(rig.sink.held.empty());
  rig.take(frame({.seq = 1, .gram = 0, .frag = 1}, Units().gram_end()));
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0, 0}));
  EXPECT_EQ(rig.sink.given[1].op, 9);
  EXPECT_EQ(rig.next(), 2u);
}

TEST(Sequence, NewSessionInSequenceBeginsAnewToo) {
  Rig rig;
  rig.take(frame({.seq = 0, .gram = 0}, Units().session(100).gram().run(2, {1})));
  rig.take(frame({.seq = 1, .gram = 0}, Units().gram(9).run(2, {2}).session(101).gram_end()));
  EXPECT_EQ(rig.dropped(Drop::kIncompleteGram), 1u);
  ASSERT_EQ(rig.sink.given.size(), 1u);
  EXPECT_EQ(rig.sink.given[0].op, 9);
  EXPECT_EQ(rig.next(), 2u);
}

TEST(Sequence, OldSessionIsOnlyADuplicate) {
  Rig rig;
  const Bytes first = frame({.seq = 0, .gram = 0}, Units().session(100).gram().run(2, {1}).gram_end());
  rig.take(first);
  rig.take(small_gram(1, 1));
  rig.take(first);
  EXPECT_EQ(rig.dropped(Drop::kDuplicate), 1u);
  EXPECT_EQ(rig.next(), 2u);
}

TEST(Sequence, BrokenFrameStartsNoSession) {
  Rig rig;
  rig.take(small_gram(0, 0));
  rig.take(frame({.seq = 0}, Units().session(100).put(0xC7, 1)));
  rig.take(frame({.seq = 1}, Units().session(100).put(0xC7, 1)));
  EXPECT_EQ(rig.dropped(Drop::kBadUnit), 2u);
  EXPECT_EQ(rig.next(), 1u);
}

}  // namespace
}  // namespace pfs::test
