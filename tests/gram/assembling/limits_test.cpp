// What a gram, a stream and a pool may hold, and what happens beyond.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "rig.hpp"

namespace pfs::test {
namespace {

TEST(Limits, MoreDescriptorsThanTheTableHoldsIsOverLimit) {
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

TEST(Limits, MoreLiteralsThanTheSlabHoldsIsOverLimit) {
  RigConfig config;
  config.pool.slab_bytes = 4;
  Rig rig(config);
  rig.take(frame({.seq = 0, .gram = 0}, Units().gram().literal({1, 2, 3})));
  rig.take(frame({.seq = 1, .gram = 0, .frag = 1}, Units().literal({4, 5})));
  EXPECT_EQ(rig.dropped(Drop::kOverLimit), 1u);
  rig.take(frame({.seq = 2, .gram = 1}, Units().gram().literal({1, 2, 3, 4}).gram_end()));
  EXPECT_EQ(rig.numbers(), std::vector<uint32_t>{1});
}

TEST(Limits, ReferencesOfAFrameOverTheLimitStillCountInTheWindow) {
  RigConfig config;
  config.pool.descriptors = 1;
  Rig rig(config);
  const Units units = Units().gram().run(2, {1, 3, 5});
  rig.take(frame({.seq = 0, .gram = 0}, units));
  rig.take(frame({.seq = 1, .gram = 1}, Units().gram().mark(0, crc16(units.references)).gram_end()));
  EXPECT_EQ(rig.counters().windows_verified.get(), 1u);
  EXPECT_EQ(rig.dropped(Drop::kCrcMismatch), 0u);
}

TEST(Limits, OnlyListedStreamsAreTaken) {
  RigConfig config;
  config.assembler.streams = {{.id = 3}};
  Rig rig(config);
  rig.take(small_gram(0, 0, 3));
  rig.take(small_gram(0, 0, 4));
  rig.take(frame({.stream = 4}, Units().ack(1, 1)));
  EXPECT_EQ(rig.dropped(Drop::kUnknownStream), 2u);
  EXPECT_EQ(rig.sink.given.size(), 1u);
}

TEST(Limits, StreamsBeyondTheBoundAreUnknown) {
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

TEST(Limits, DryPoolGivesUpTheOldestOpenGram) {
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
  bool serve() noexcept override {
    std::this_thread::yield();
    return true;
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

TEST(Limits, DryPoolWaitsForTheConsumer) {
  PoolRoom room({.grams = 1, .descriptors = 16, .slab_bytes = 64});
  HandingSink sink;
  Assembler assembler({}, BlobView{.layout = {.size = kBlobBytes}, .id = kBlobId}, room.pool, sink);
  for (uint32_t i = 0; i < 100; ++i) {
    const Bytes payload = small_gram(i, i);
    EXPECT_TRUE(assembler.take({.payload = payload.data(), .bytes = static_cast<uint32_t>(payload.size())}, 0));
  }
  EXPECT_EQ(sink.given, 100u);
}

/// Keeps whole grams back until the pool is dry.
class KeepingSink final : public AssemblerSink {
 public:
  void on_gram(Gram& gram) noexcept override { kept.push_back(&gram); }
  bool serve() noexcept override {
    for (Gram* gram : kept) gram->release();
    kept.clear();
    return true;
  }
  void on_released(void* /*owner*/) noexcept override {}
  void on_result(uint16_t /*stream*/, const ResultUnit& /*unit*/) noexcept override {}
  void on_ack(uint16_t /*stream*/, const AckUnit& /*unit*/) noexcept override {}
  void on_receipt(uint16_t /*stream*/, const ReceiptUnit& /*unit*/) noexcept override {}

  std::vector<Gram*> kept;
};

TEST(Limits, DryPoolTakesBackWhatTheSinkKept) {
  PoolRoom room({.grams = 2, .descriptors = 16, .slab_bytes = 64});
  KeepingSink sink;
  Assembler assembler({}, BlobView{.layout = {.size = kBlobBytes}, .id = kBlobId}, room.pool, sink);
  const auto take = [&](const Bytes& payload) {
    EXPECT_TRUE(assembler.take({.payload = payload.data(), .bytes = static_cast<uint32_t>(payload.size())}, 0));
  };
  take(frame({.seq = 0, .gram = 0, .stream = 1}, Units().gram().run(2, {1})));  // open, so not all are kept
  for (uint32_t i = 0; i < 3; ++i) take(small_gram(i, i, 2));
  EXPECT_EQ(sink.kept.size(), 1u);
  EXPECT_EQ(assembler.counters().grams_out.get(), 3u);
  EXPECT_EQ(assembler.counters().grams_incomplete.get(), 0u) << "a kept gram came back, so no open one went";
}

TEST(Limits, OldGramsAreGivenUp) {
  Rig rig;
  rig.take(frame({.seq = 0, .gram = 0}, Units().gram().run(2, {1})), 10);
  rig.take(frame({.seq = 1, .gram = 1}, Units().gram().run(2, {1})), 20);
  rig.take(frame({.seq = 2, .gram = 0, .frag = 1}, Units().run(2, {1})), 30);
  rig.age(1025);
  EXPECT_EQ(rig.counters().grams_incomplete.get(), 1u);
  rig.take(frame({.seq = 3, .gram = 0, .frag = 2}, Units().gram_end()), 1026);
  EXPECT_EQ(rig.numbers(), std::vector<uint32_t>{0});
}

TEST(Limits, FlushLeavesNothing) {
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
