// One stream, frames in order: grams, their limits, control units, bare frames, the pool.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

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
  rig.take(small_gram(1, 8));
  rig.take(small_gram(2, 7));
  EXPECT_EQ(rig.dropped(Drop::kDuplicate), 2u);
  EXPECT_EQ(rig.next(), 3u) << "the frames themselves were new";
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

TEST(Assembler, MoreDescriptorsThanTheTableHoldsIsOverLimit) {
  RigConfig config;
  config.pool.descriptors = 4;
  Rig rig(config);
  rig.take(frame({.seq = 0, .gram = 0}, Units().gram().run(2, {1, 3, 5})));
  rig.take(frame({.seq = 1, .gram = 0, .frag = 1}, Units().run(2, {7, 9})));
  EXPECT_EQ(rig.dropped(Drop::kOverLimit), 1u);
  rig.take(frame({.seq = 2, .gram = 0, .frag = 2}, Units().gram_end()));
  EXPECT_EQ(rig.dropped(Drop::kIncompleteGram), 2u);
  rig.take(frame({.seq = 3, .gram = 1}, Units().gram().run(2, {1, 3, 5, 7, 9})));
  EXPECT_EQ(rig.dropped(Drop::kOverLimit), 2u);
  rig.take(frame({.seq = 4, .gram = 2}, Units().gram().run(2, {1, 3, 5, 7}).gram_end()));
  EXPECT_EQ(rig.numbers(), std::vector<uint32_t>{2});
}

TEST(Assembler, MoreLiteralsThanTheSlabHoldsIsOverLimit) {
  RigConfig config;
  config.pool.slab_bytes = 4;
  Rig rig(config);
  rig.take(frame({.seq = 0, .gram = 0}, Units().gram().literal({1, 2, 3})));
  rig.take(frame({.seq = 1, .gram = 0, .frag = 1}, Units().literal({4, 5})));
  EXPECT_EQ(rig.dropped(Drop::kOverLimit), 1u);
  rig.take(frame({.seq = 2, .gram = 1}, Units().gram().literal({1, 2, 3, 4}).gram_end()));
  EXPECT_EQ(rig.numbers(), std::vector<uint32_t>{1});
}

TEST(Assembler, ReferencesOfAFrameOverTheLimitStillCountInTheWindow) {
  RigConfig config;
  config.pool.descriptors = 1;
  Rig rig(config);
  const Units units = Units().gram().run(2, {1, 3, 5});
  rig.take(frame({.seq = 0, .gram = 0}, units));
  rig.take(frame({.seq = 1, .gram = 1}, Units().gram().mark(0, crc16(units.references)).gram_end()));
  EXPECT_EQ(rig.counters().windows_verified.get(), 1u);
  EXPECT_EQ(rig.dropped(Drop::kCrcMismatch), 0u);
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

TEST(Assembler, OnlyListedStreamsAreTaken) {
  RigConfig config;
  config.assembler.streams = {{.id = 3}};
  Rig rig(config);
  rig.take(small_gram(0, 0, 3));
  rig.take(small_gram(0, 0, 4));
  rig.take(frame({.stream = 4}, Units().ack(1, 1)));
  EXPECT_EQ(rig.dropped(Drop::kUnknownStream), 2u);
  EXPECT_EQ(rig.sink.given.size(), 1u);
}

TEST(Assembler, StreamsBeyondTheBoundAreUnknown) {
  RigConfig config;
  config.assembler.max_streams = 2;
  Rig rig(config);
  Bytes broken = small_gram(0, 0, 9);
  broken.back() = 0xC7;
  broken.resize(17);
  rig.take(broken);
  for (uint16_t stream : {60000, 2, 5, 60000}) rig.take(small_gram(rig.sink.given.size() == 2 ? 1 : 0, 1, stream));
  EXPECT_EQ(rig.dropped(Drop::kTruncated), 1u) << "a broken frame takes no stream's place";
  EXPECT_EQ(rig.dropped(Drop::kUnknownStream), 1u);
  EXPECT_EQ(rig.sink.given.size(), 2u);
}

TEST(Assembler, ControlFramesLeaveTheSequenceAlone) {
  Rig rig;
  rig.take(small_gram(0, 0));
  rig.take(frame({.seq = 900, .gram = 900}, Units().result(0, 42).result(1, 43)));
  rig.take(frame({.seq = 0}, Units().ack(17, 5)));
  rig.take(frame({.seq = 1}, Units().nack(4)));
  rig.take(frame({.seq = 1}, Units().put(0xF1, 1).put(3, 2)));
  rig.take(frame({.seq = 1}, Units().receipt(0, 99)));
  EXPECT_EQ(rig.counters().control_frames.get(), 5u);
  EXPECT_EQ(rig.sink.results, (std::vector<uint64_t>{42, 43}));
  EXPECT_EQ(rig.counters().results.get(), 2u);
  EXPECT_EQ(rig.sink.acks, std::vector<uint32_t>{17});
  EXPECT_EQ(rig.sink.receipts, std::vector<uint64_t>{99});
  EXPECT_EQ(rig.next(), 1u);
}

TEST(Assembler, BrokenControlFrameSaysNothing) {
  Rig rig;
  rig.take(frame({}, Units().ack(17, 5).put(0xC7, 1)));
  EXPECT_EQ(rig.dropped(Drop::kBadUnit), 1u);
  EXPECT_TRUE(rig.sink.acks.empty());
}

TEST(Assembler, ControlUnitsBesideAGramAreHeard) {
  Rig rig;
  rig.take(frame({.seq = 0}, Units().ack(3, 4).gram().run(2, {1}).result(8, 80).gram_end()));
  EXPECT_EQ(rig.sink.given.size(), 1u);
  EXPECT_EQ(rig.sink.acks, std::vector<uint32_t>{3});
  EXPECT_EQ(rig.sink.results, std::vector<uint64_t>{80});
  EXPECT_EQ(rig.next(), 1u);
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

TEST(Assembler, BareFramesNeedAConfiguration) {
  Rig rig;
  rig.take(Units().run(2, {1}).wire);
  EXPECT_EQ(rig.dropped(Drop::kBareUnconfigured), 1u);
}

TEST(Assembler, EachBareFrameIsAGram) {
  RigConfig config;
  config.assembler.bare = {{.port = 3, .op = 9}, {.port = 7, .stream = 12, .op = 4}};
  Rig rig(config);
  const Units first = Units().run(2, {1, 2});
  Units second = Units().run(0, {7});
  rig.take(first.wire);
  Bytes window = first.references;
  window.insert(window.end(), second.references.begin(), second.references.end());
  rig.take(second.mark(0, crc16(window)).wire);
  ASSERT_EQ(rig.sink.given.size(), 2u);
  EXPECT_EQ(rig.sink.given[1], (Given{.number = 1,
                                      .stream = 12,
                                      .bare = true,
                                      .op = 4,
                                      .frames = 1,
                                      .bytes = 1,
                                      .table = {blob_range(4096 + 7, 1)}}));
  EXPECT_EQ(rig.counters().windows_verified.get(), 1u);
  rig.take(Units().put(0xF1, 1).put(0, 2).wire);
  EXPECT_EQ(rig.counters().control_frames.get(), 1u);
  rig.take(Units().literal({1}).wire);
  EXPECT_EQ(rig.dropped(Drop::kBadUnit), 1u);
}

TEST(Assembler, BareWindowBeginsAnewBehindAMismatch) {
  RigConfig config;
  config.assembler.bare = {{.port = 7}};
  Rig rig(config);
  rig.take(Units().run(2, {1}).wire);
  rig.take(Units().run(2, {2}).mark(0, 0x1234).wire);
  EXPECT_EQ(rig.dropped(Drop::kCrcMismatch), 1u);
  const Units units = Units().run(2, {3});
  rig.take(Units(units).mark(1, crc16(units.references)).wire);
  EXPECT_EQ(rig.counters().windows_verified.get(), 1u);
  EXPECT_EQ(rig.sink.given.size(), 2u);
}

TEST(Assembler, DryPoolGivesUpTheOldestOpenGram) {
  RigConfig config;
  config.pool.grams = 2;
  Rig rig(config);
  rig.take(small_gram(0, 0, 2));
  rig.take(frame({.seq = 0, .gram = 0, .stream = 1}, Units().gram().run(2, {1})));
  rig.take(frame({.seq = 1, .gram = 1, .stream = 2}, Units().gram().run(2, {1})));
  rig.take(frame({.seq = 0, .gram = 0, .stream = 3}, Units().gram().run(2, {1}).put(0xC7, 1)));
  EXPECT_EQ(rig.counters().grams_incomplete.get(), 0u) << "a broken frame makes no room";
  rig.take(small_gram(0, 0, 3));
  EXPECT_EQ(rig.counters().grams_incomplete.get(), 1u);
  rig.take(frame({.seq = 2, .gram = 1, .frag = 1, .stream = 2}, Units().gram_end()));
  EXPECT_EQ(rig.sink.given.size(), 3u) << "the younger gram, though in the older stream, is still there";
}

/// Hands each gram to another thread, which releases it: the pool is dry until it has.
class HandingSink final : public AssemblerSink {
 public:
  ~HandingSink() override {
    done_.store(true);
    consumer_.join();
  }
  void on_gram(Gram& gram) noexcept override {
    ++given;
    handed_.store(&gram);
  }
  void on_released(void* /*owner*/) noexcept override {}
  void on_result(uint16_t /*stream*/, const ResultUnit& /*unit*/) noexcept override {}
  void on_ack(uint16_t /*stream*/, const AckUnit& /*unit*/) noexcept override {}
  void on_receipt(uint16_t /*stream*/, const ReceiptUnit& /*unit*/) noexcept override {}

  uint32_t given = 0;

 private:
  void consume() {
    while (!done_.load()) {
      if (Gram* gram = handed_.exchange(nullptr)) {
        gram->release();
      } else {
        std::this_thread::yield();
      }
    }
  }
  std::atomic<Gram*> handed_{nullptr};
  std::atomic<bool> done_{false};
  std::thread consumer_{[this] { consume(); }};
};

TEST(Assembler, DryPoolWaitsForTheConsumer) {
  const GramPool::Config shape{.grams = 1, .descriptors = 16, .slab_bytes = 64};
  Bytes memory(GramPool::memory_bytes(shape) + 64);
  const size_t skip = (64 - reinterpret_cast<uintptr_t>(memory.data()) % 64) % 64;
  GramPool pool(shape, std::span(memory).subspan(skip));
  HandingSink sink;
  Assembler assembler({}, BlobView{.layout = {.size = kBlobBytes}}, pool, sink);
  for (uint32_t i = 0; i < 100; ++i) {
    const Bytes payload = small_gram(i, i);
    EXPECT_TRUE(assembler.take({.payload = payload.data(), .bytes = static_cast<uint32_t>(payload.size())}, 0));
  }
  EXPECT_EQ(sink.given, 100u);
}

TEST(Assembler, OldGramsAreGivenUp) {
  Rig rig;
  rig.take(frame({.seq = 0, .gram = 0}, Units().gram().run(2, {1})), 10);
  rig.take(frame({.seq = 1, .gram = 1}, Units().gram().run(2, {1})), 20);
  rig.take(frame({.seq = 2, .gram = 0, .frag = 1}, Units().run(2, {1})), 30);
  rig.age(1025);
  EXPECT_EQ(rig.counters().grams_incomplete.get(), 1u);
  rig.take(frame({.seq = 3, .gram = 0, .frag = 2}, Units().gram_end()), 1026);
  EXPECT_EQ(rig.numbers(), std::vector<uint32_t>{0});
}

TEST(Assembler, FlushLeavesNothing) {
  Rig rig;
  rig.take(frame({.seq = 0, .gram = 0}, Units().gram().run(2, {1})));
  rig.take(small_gram(2, 2));
  rig.take(frame({.seq = 4, .gram = 4, .frag = 0}, Units().gram().run(2, {1})));
  rig.flush();
  EXPECT_EQ(rig.numbers(), std::vector<uint32_t>{2});
  EXPECT_EQ(rig.counters().frames_missing.get(), 2u);
  EXPECT_EQ(rig.counters().grams_incomplete.get(), 2u);
  std::vector<Gram*> all;
  while (Gram* gram = rig.pool.take()) all.push_back(gram);
  EXPECT_EQ(all.size(), rig.pool.size());
  for (Gram* gram : all) gram->release();
}

}  // namespace
}  // namespace pfs::test
