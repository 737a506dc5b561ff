// What one peer may take of that which all share: held frames, denoted bytes, grams of the pool.
#include <gtest/gtest.h>

#include "rig.hpp"

namespace pfs::test {
namespace {

const Sender kAnna = ethernet_sender(0xA);
const Sender kBert = ethernet_sender(0xB);
const Sender kCora = ethernet_sender(0xC);

/// A gram of one frame that denotes `bytes` bytes.
Bytes gram_of(uint32_t number, uint32_t bytes) {
  return frame({.seq = number, .gram = number}, Units().gram().extents(0, 0, bytes, {}, {0}).gram_end());
}

/// The widest frame: 59 EXTENTS of 256 ranges, each of which begins where the one before it began.
Bytes widest_frame(uint32_t length) {
  Units units;
  units.gram();
  for (int i = 0; i < 59; ++i) {
    units.put(0xC1, 1).put(255, 1).put(0, 2).put(0, 8).put(static_cast<uint64_t>(-int64_t{length}), 8).put(length, 4);
  }
  return frame({.seq = 0, .gram = 0}, units.gram_end());
}

TEST(Shares, GramThatDenotesTooMuchIsOverLimitWithoutBeingGiven) {
  RigConfig config;
  config.pool.descriptors = 16384;
  config.assembler.max_gram_bytes = 1 << 30;
  Rig rig(config);
  const Bytes wide = widest_frame(1 << 20);
  EXPECT_LE(wide.size(), 1600u);
  rig.take(wide);  // 15.8 GB
  EXPECT_EQ(rig.dropped(Drop::kOverLimit), 1u);
  EXPECT_TRUE(rig.sink.given.empty());
  rig.take(small_gram(1, 1));
  EXPECT_EQ(rig.numbers(), std::vector<uint32_t>{1}) << "the stream goes on";
}

TEST(Shares, LimitHoldsOverAllFramesOfAGramAndForItsAnnouncedTotal) {
  RigConfig config;
  config.assembler.max_gram_bytes = 1000;
  Rig rig(config);
  rig.take(gram_of(0, 1000));
  rig.take(gram_of(1, 1001));
  rig.take(frame({.seq = 2, .gram = 2}, Units().gram().extents(0, 0, 600, {}, {0})));
  rig.take(frame({.seq = 3, .gram = 2, .frag = 1}, Units().extents(0, 0, 401, {}, {0})));
  Units announced;
  announced.put(0xD0, 1).put(0, 1).put(0, 2).put(kBlobId, 4).put(0, 8).put(1001, 8);
  rig.take(frame({.seq = 4, .gram = 3}, announced));
  EXPECT_EQ(rig.dropped(Drop::kOverLimit), 3u);
  EXPECT_EQ(rig.numbers(), std::vector<uint32_t>{0});
}

TEST(Shares, RunsThatReachTheLimitAreRefusedToo) {
  RigConfig config;
  config.assembler.max_gram_bytes = 64 * 3;
  Rig rig(config);
  rig.take(frame({.seq = 0, .gram = 0}, Units().gram().run(2, {1, 3})));
  rig.take(frame({.seq = 1, .gram = 0, .frag = 1}, Units().run(2, {5, 7})));
  EXPECT_EQ(rig.dropped(Drop::kOverLimit), 1u);
  rig.take(frame({.seq = 2, .gram = 0, .frag = 1}, Units().run(2, {5})));
  rig.take(frame({.seq = 3, .gram = 0, .frag = 2}, Units().gram_end()));
  EXPECT_EQ(rig.sink.given.size(), 1u) << "a frame that fits goes into the gram after all";
}

TEST(Shares, BareFrameOverTheLimitStillRunsThroughItsWindow) {
  RigConfig config;
  config.assembler.bare = {{.port = 7}};
  config.assembler.max_gram_bytes = 64;
  Rig rig(config);
  Units two = Units().run(2, {1, 3});
  rig.take(two.wire);
  EXPECT_EQ(rig.dropped(Drop::kOverLimit), 1u);
  rig.take(Units().mark(0, crc16(two.references)).wire);
  EXPECT_EQ(rig.counters().windows_verified.get(), 1u);
}

TEST(Shares, WholeGramsBeyondAPeersBytesAreDroppedWhileOthersAreThere) {
  RigConfig config;
  config.assembler.peer_bytes = 2500;
  config.assembler.idle_ticks = 50;
  Rig rig(config);
  rig.sink.keeps = true;
  rig.take(kBert, gram_of(0, 100), 1);
  for (uint32_t i = 0; i < 4; ++i) rig.take(kAnna, gram_of(i, 1000), 1);
  EXPECT_EQ(rig.dropped(Drop::kOverShare), 2u);
  rig.take(kBert, gram_of(1, 1000), 1);
  EXPECT_EQ(rig.dropped(Drop::kOverShare), 2u) << "the other has a share of its own";
  for (Gram* gram : rig.sink.kept) gram->release();
  rig.sink.kept.clear();
  rig.take(kAnna, gram_of(4, 1000), 2);
  rig.take(kAnna, gram_of(5, 1000), 2);
  EXPECT_EQ(rig.dropped(Drop::kOverShare), 2u) << "what was worked off no longer counts";
  EXPECT_EQ(rig.sink.given.size(), 6u);
  EXPECT_EQ(rig.sink.served, 0u);
}

TEST(Shares, OneGramOfAnySizeIsAlwaysGiven) {
  RigConfig config;
  config.assembler.peer_bytes = 100;
  Rig rig(config);
  rig.sink.keeps = true;
  rig.take(kBert, gram_of(0, 1));
  rig.take(kAnna, gram_of(0, 5000));
  EXPECT_EQ(rig.sink.given.size(), 2u);
}

TEST(Shares, PeerThatIsAloneWaitsInsteadOfLosingGrams) {
  RigConfig config;
  config.assembler.peer_bytes = 2500;
  config.assembler.idle_ticks = 50;
  Rig rig(config);
  rig.sink.keeps = true;
  rig.take(kBert, gram_of(0, 100), 1);
  for (uint32_t i = 0; i < 6; ++i) rig.take(kAnna, gram_of(i, 1000), 52);
  EXPECT_EQ(rig.all_dropped(), 0u);
  EXPECT_EQ(rig.sink.given.size(), 7u);
  EXPECT_GT(rig.sink.served, 0u);
  rig.sink.over = true;
  rig.take(kAnna, gram_of(6, 1000), 52);
  EXPECT_EQ(rig.dropped(Drop::kStopped), 1u) << "nobody waits beyond the end of the run";
}

/// Eight streams with a gap behind their first frame, as many frames each as `hold_frames` admits.
void send_gapped_streams(Rig& rig, const Sender& from, uint32_t frames) {
  for (uint16_t stream = 0; stream < 8; ++stream) rig.take(from, small_gram(0, 0, stream));
  for (uint32_t seq = 2; seq < 2 + frames; ++seq) {
    for (uint16_t stream = 0; stream < 8; ++stream) rig.take(from, small_gram(seq, seq, stream));
  }
}

TEST(Shares, EightGappedStreamsHoldNoMoreThanTheirPeersShare) {
  RigConfig config;
  config.assembler.hold_frames = 1024;
  config.assembler.max_held = 4096;
  config.assembler.peer_held = 2048;
  Rig rig(config);
  size_t most = 0;
  for (uint16_t stream = 0; stream < 8; ++stream) rig.take(small_gram(0, 0, stream));
  for (uint32_t seq = 2; seq < 1026; ++seq) {
    for (uint16_t stream = 0; stream < 8; ++stream) {
      rig.take(small_gram(seq, seq, stream));
      most = std::max(most, rig.sink.held.size());
    }
  }
  EXPECT_EQ(most, 2048u);
  EXPECT_EQ(rig.all_dropped(), 0u) << "where no more may be held, the streams go on without what they wait for";
  EXPECT_GE(rig.counters().frames_missing.get(), 1u);
}

TEST(Shares, FreshGapIsDroppedWhereItsPeerHoldsEnoughAlready) {
  RigConfig config;
  config.assembler.peer_held = 4;
  Rig rig(config);
  for (const uint16_t stream : {0, 1}) rig.take(small_gram(0, 0, stream));
  for (uint32_t seq = 2; seq < 6; ++seq) rig.take(small_gram(seq, seq));
  EXPECT_TRUE(rig.take(small_gram(2, 2, 1)));
  EXPECT_EQ(rig.dropped(Drop::kOverShare), 1u);
  rig.take(small_gram(1, 1));
  EXPECT_FALSE(rig.take(small_gram(2, 2, 1))) << "there is room again";
}

TEST(Shares, FrameNearerThanWhatIsHeldIsNotTakenForLate) {
  RigConfig config;
  config.assembler.peer_held = 2;
  Rig rig(config);
  rig.take(small_gram(0, 0));
  for (const uint32_t seq : {5u, 6u, 3u, 4u}) rig.take(small_gram(seq, seq));
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0, 3, 4, 5, 6}));
  EXPECT_EQ(rig.counters().frames_missing.get(), 2u);
}

TEST(Shares, PeersWithGapsDoNotTakeThePlacesOfAnother) {
  RigConfig config;
  config.assembler.hold_frames = 64;
  config.assembler.max_held = 64;
  config.assembler.peer_held = 32;
  Rig rig(config);
  send_gapped_streams(rig, kAnna, 4);
  send_gapped_streams(rig, kBert, 4);
  EXPECT_EQ(rig.sink.held.size(), 64u);
  rig.take(kCora, small_gram(0, 0));
  for (uint32_t seq = 20; seq >= 2; --seq) EXPECT_FALSE(rig.take(kCora, small_gram(seq, seq))) << seq;
  EXPECT_LE(rig.sink.held.size(), 64u);
  rig.take(kCora, small_gram(1, 1));
  uint32_t of_cora = 0;
  for (const Given& gram : rig.sink.given) of_cora += gram.peer == 2 ? 1 : 0;
  EXPECT_EQ(of_cora, 21u);
  EXPECT_EQ(rig.all_dropped(), 0u);
}

TEST(Shares, DryPoolTakesAnOpenGramFromThePeerThatHasTooMany) {
  RigConfig config;
  config.pool.grams = 4;
  Rig rig(config);
  for (uint32_t i = 0; i < 3; ++i) rig.take(kAnna, frame({.seq = i, .gram = i}, Units().gram().run(2, {i})));
  rig.sink.keeps = true;
  rig.take(kBert, small_gram(0, 0));
  rig.take(kBert, small_gram(1, 1));
  EXPECT_EQ(rig.counters().grams_incomplete.get(), 0u) << "a gram was still with the sink, and came back";
  rig.take(kBert, frame({.seq = 2, .gram = 2}, Units().gram().run(2, {1})));
  rig.take(kBert, frame({.seq = 3, .gram = 3}, Units().gram().run(2, {1})));
  EXPECT_EQ(rig.counters().grams_incomplete.get(), 1u);
  rig.take(kAnna, frame({.seq = 3, .gram = 0, .frag = 1}, Units().gram_end()));
  rig.take(kAnna, frame({.seq = 4, .gram = 1, .frag = 1}, Units().gram_end()));
  EXPECT_EQ(rig.dropped(Drop::kIncompleteGram), 2u) << "Anna's oldest went, and its late frame counts as it did";
  EXPECT_EQ(rig.sink.given.back().number, 1u);
  EXPECT_EQ(rig.sink.given.back().peer, 0u);
}

TEST(Shares, NobodyWaitsForAGramBeyondTheEndOfTheRun) {
  RigConfig config;
  config.pool.grams = 1;
  Rig rig(config);
  rig.sink.keeps = true;
  rig.take(small_gram(0, 0));
  rig.sink.over = true;
  rig.take(small_gram(1, 1));
  EXPECT_EQ(rig.dropped(Drop::kStopped), 1u);
  EXPECT_EQ(rig.sink.served, 1u);
}

}  // namespace
}  // namespace pfs::test
