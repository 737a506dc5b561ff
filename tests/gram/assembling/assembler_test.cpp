// One stream, frames in order: what becomes a gram, and what never does.
#include <gtest/gtest.h>

#include "rig.hpp"

namespace pfs::test {
namespace {

TEST(Assembler, GramOfThreeFramesIsGivenWhole) {
  Rig rig;
  rig.take(frame({.seq = 0, .gram = 5, .frag = 0}, Units().gram(9, 77).file(1234, "a.bin").run(2, {1, 2})));
  rig.take(frame({.seq = 1, .gram = 5, .frag = 1}, Units().run(2, {3}).literal({'x', 'y'}).run(0, {65})));
  EXPECT_TRUE(rig.sink.given.empty());
  EXPECT_EQ(rig.assembler.frames_in_flight(), 2u);
  rig.take(frame({.seq = 2, .gram = 5, .frag = 2},
                 Units().literal({'z'}).extents(4096, 0, 10, {0}, {0, 1}).gram_end(3, 6, 153)));
  ASSERT_EQ(rig.sink.given.size(), 1u);
  // Merged inside a frame, never across frames.
  const Given expected{.number = 5,
                       .op = 9,
                       .arg = 77,
                       .frames = 3,
                       .bytes = 64 * 3 + 2 + 1 + 1 + 21,
                       .table = {blocks(1, 2), blocks(3), slab_range(0, 2), blob_range(4096 + 65, 1), slab_range(2, 1),
                                 blob_range(4096, 21)},
                       .slab = {'x', 'y', 'z'},
                       .file = "a.bin"};
  EXPECT_EQ(rig.sink.given[0], expected);
  EXPECT_EQ(rig.counters().references.get(), 6u);
  EXPECT_EQ(rig.counters().frames_out.get(), 3u);
}

TEST(Assembler, AnswerGoesBackWhereTheFirstFrameCameFrom) {
  Rig rig;
  rig.take(small_gram(0, 0));
  EXPECT_EQ(rig.sink.reply.port, 7);
  ASSERT_EQ(rig.sink.reply.encapsulation.length, 14);
  EXPECT_EQ(rig.sink.reply.encapsulation.bytes[5], 2);
  EXPECT_EQ(rig.sink.reply.encapsulation.bytes[11], 1);
}

TEST(Assembler, SeveralGramsAreOpenAtOnce) {
  Rig rig;
  for (uint32_t i = 0; i < 4; ++i) rig.take(frame({.seq = i, .gram = i}, Units().gram().run(2, {i})));
  for (uint32_t i = 0; i < 4; ++i) {
    rig.take(frame({.seq = 4 + i, .gram = 3 - i, .frag = 1}, Units().run(2, {100 + i}).gram_end()));
  }
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{3, 2, 1, 0}));
  EXPECT_EQ(rig.sink.given[1].table, (std::vector{blocks(2), blocks(101)}));
}

TEST(Assembler, OneOpenGramTooManyEndsTheOldest) {
  Rig rig;
  for (uint32_t i = 0; i < 5; ++i) rig.take(frame({.seq = i, .gram = i}, Units().gram().run(2, {i})));
  EXPECT_EQ(rig.dropped(Drop::kIncompleteGram), 1u);
  rig.take(frame({.seq = 5, .gram = 0, .frag = 1}, Units().gram_end()));
  EXPECT_EQ(rig.dropped(Drop::kIncompleteGram), 2u) << "a late frame counts as its gram did";
  rig.take(frame({.seq = 6, .gram = 1, .frag = 1}, Units().gram_end()));
  EXPECT_EQ(rig.numbers(), std::vector<uint32_t>{1});
}

TEST(Assembler, GramTakenBeforeIsADuplicate) {
  Rig rig;
  rig.take(small_gram(0, 8));
  rig.take(small_gram(1, 9));
  rig.take(small_gram(2, 9));
  rig.take(small_gram(3, 8));
  EXPECT_EQ(rig.dropped(Drop::kDuplicate), 2u);
  EXPECT_EQ(rig.next(), 4u) << "the frames themselves were new";
}

TEST(Assembler, GramBeforeTheFirstThatWasOpenedIsIncomplete) {
  Rig rig;
  rig.take(small_gram(0, 8));
  rig.take(small_gram(1, 7));
  EXPECT_EQ(rig.dropped(Drop::kIncompleteGram), 1u);
}

TEST(Assembler, GramNumbersWrap) {
  Rig rig;
  rig.take(small_gram(0, 0xFFFFFFFE));
  rig.take(small_gram(1, 0xFFFFFFFF));
  rig.take(small_gram(2, 0));
  rig.take(small_gram(3, 0xFFFFFFFF));
  rig.take(small_gram(4, 1));
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{0xFFFFFFFE, 0xFFFFFFFF, 0, 1}));
  EXPECT_EQ(rig.dropped(Drop::kDuplicate), 1u);
}

TEST(Assembler, DamagedGramNumberFarAheadHealsAfterEightGrams) {
  Rig rig;
  rig.take(small_gram(0, 1));
  rig.take(small_gram(1, 1 << 30));
  for (uint32_t i = 2; i < 12; ++i) rig.take(small_gram(i, i));
  EXPECT_EQ(rig.dropped(Drop::kDuplicate), 7u);
  EXPECT_EQ(rig.numbers(), (std::vector<uint32_t>{1, 1 << 30, 9, 10, 11}));
}

TEST(Assembler, OldGramsSentAgainAmongNewOnesStayDuplicates) {
  Rig rig;
  uint32_t seq = 0;
  for (uint32_t gram = 0; gram < 20; ++gram) rig.take(small_gram(seq++, gram));
  for (uint32_t gram = 1; gram < 8; ++gram) rig.take(small_gram(seq++, gram));
  rig.take(small_gram(seq++, 20));
  rig.take(small_gram(seq++, 8));
  EXPECT_EQ(rig.dropped(Drop::kDuplicate), 8u);
  EXPECT_EQ(rig.sink.given.size(), 21u);
}

TEST(Assembler, GramKeepsNothingOfTheOneBefore) {
  RigConfig config;
  config.pool.grams = 1;
  Rig rig(config);
  rig.take(frame({.seq = 0, .gram = 0}, Units().gram(7, 7).file(9, "a").literal({1, 2}).gram_end()));
  rig.take(frame({.seq = 1, .gram = 1}, Units().gram().literal({3}).gram_end()));
  ASSERT_EQ(rig.sink.given.size(), 2u);
  EXPECT_EQ(rig.sink.given[1], (Given{.number = 1, .frames = 1, .bytes = 1, .table = {slab_range(0, 1)}, .slab = {3}}));
}

TEST(Assembler, MissingFragmentEndsTheGram) {
  Rig rig;
  rig.take(frame({.seq = 0, .gram = 0}, Units().gram().run(2, {1})));
  rig.take(frame({.seq = 1, .gram = 0, .frag = 2}, Units().run(2, {3})));
  EXPECT_EQ(rig.dropped(Drop::kIncompleteGram), 2u);
  EXPECT_EQ(rig.counters().grams_incomplete.get(), 1u);
  rig.take(small_gram(2, 1));
  EXPECT_EQ(rig.numbers(), std::vector<uint32_t>{1});
}

TEST(Assembler, GramOpensAtFragmentZeroOnly) {
  Rig rig;
  rig.take(frame({.seq = 0, .gram = 0, .frag = 1}, Units().gram().run(2, {1}).gram_end()));
  EXPECT_EQ(rig.dropped(Drop::kIncompleteGram), 1u);
  EXPECT_EQ(rig.next(), 1u);
}

TEST(Assembler, UnitsWithoutAGramAreNamed) {
  Rig rig;
  rig.take(frame({.seq = 0}, Units().run(2, {1})));
  rig.take(frame({.seq = 1}, Units().literal({1})));
  rig.take(frame({.seq = 2}, Units().gram_end()));
  rig.take(frame({.seq = 3}, Units().run(2, {1}).gram()));
  rig.take(frame({.seq = 4}, Units().extents(4096, 0, 1, {}, {0})));
  EXPECT_EQ(rig.dropped(Drop::kNoGram), 5u);
  EXPECT_EQ(rig.next(), 5u);
}

TEST(Assembler, AnotherBlobsGramIsRefused) {
  Rig rig;
  rig.take(frame({.seq = 0, .gram = 0}, Units().gram(0, 0, kBlobId + 1).run(2, {1}).gram_end()));
  EXPECT_EQ(rig.dropped(Drop::kWrongBlob), 1u);
  rig.take(frame({.seq = 1, .gram = 1}, Units().gram(0, 0, kBlobId).run(2, {1}).gram_end()));
  EXPECT_EQ(rig.numbers(), std::vector<uint32_t>{1});
}

TEST(Assembler, BlobIdZeroNamesABlobLikeAnyOther) {
  Rig rig;
  rig.take(frame({.seq = 0, .gram = 0}, Units().gram(0, 0, 0).run(2, {1}).gram_end()));
  EXPECT_EQ(rig.dropped(Drop::kWrongBlob), 1u);
  EXPECT_TRUE(rig.numbers().empty());
}

TEST(Assembler, PermutedReferencesAreTurnedBackWithTheStreamsKey) {
  RigConfig config;
  config.assembler.streams = {{.id = 3, .key = 0x1234}};
  Rig rig(config);
  // prp32(0xC17C81A3, 0x1234) is found by search here, not by an inverse: any wire value whose index is in the blob.
  const auto prp32 = [](uint32_t x, uint32_t key) {
    x ^= key * 0x9E3779B9u;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x ^ key ^ 0x85EBCA77u;
  };
  uint32_t wire = 0;
  while (prp32(wire, 0x1234) >= 16384) ++wire;
  rig.take(frame({.stream = 3, .flags = kCrcOn | kPrpOn}, Units().gram().run(2, {wire}).gram_end()));
  ASSERT_EQ(rig.sink.given.size(), 1u);
  EXPECT_EQ(rig.sink.given[0].table, std::vector{blocks(prp32(wire, 0x1234))});
}

TEST(Assembler, FrameThatDenotesNothingTakesItsNumber) {
  Rig rig;
  rig.take(frame({.seq = 0}, Units()));
  rig.take(frame({.seq = 1}, Units().session(5)));
  rig.take(frame({.seq = 2}, Units().mark(0, 0xFFFF)));
  EXPECT_EQ(rig.counters().control_frames.get(), 3u);
  EXPECT_EQ(rig.next(), 3u);
  EXPECT_EQ(rig.counters().windows_verified.get(), 1u);
}

}  // namespace
}  // namespace pfs::test
