#include "stages/gram_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "gram/digest.hpp"

namespace pfs {
namespace {

constexpr uint64_t kLarge = 8 << 20;  // bytes
constexpr uint64_t kSmall = 1000;

/// Grams of several peers over a blob, and what the queue has done with them. A slice is one step: the clock stands.
class GramQueueTest : public testing::Test, private GramWork {
 protected:
  GramQueueTest() {
    env_.blob.data = blob_.data();
    env_.blob.layout.size = blob_.size();
    env_.control = &control_;
    env_.ticks_per_second = 1;
  }

  /// A gram of `bytes` bytes from `peer`, with a true digest.
  Gram& gram(uint16_t peer, uint64_t bytes, DigestKind kind = DigestKind::kFnv1a64) {
    Gram& gram = grams_.emplace_back();
    Descriptor& range = ranges_.emplace_back(blob_range(grams_.size(), bytes));
    gram.busy = true;
    gram.number = static_cast<uint32_t>(grams_.size());
    gram.frames = 3;
    gram.table = {&range, 1, 1};
    gram.bytes = bytes;
    Digest digest(kind);
    digest.update({blob_.data() + range.offset, bytes});
    gram.end = {static_cast<uint8_t>(kind), 3, 1, bytes, digest.value()};
    gram.peer = peer;
    return gram;
  }

  GramQueue& queue() {
    GramWork& work = *this;
    if (!queue_) queue_.emplace(env_, stats_, work, true);
    return *queue_;
  }

  void submit(Gram& gram) {
    Gram* const one = &gram;
    queue().submit({&one, 1});
  }

  /// Polls until `gram` is done; how many polls.
  uint32_t polls_until_done(const Gram& gram) {
    uint32_t polls = 0;
    for (; gram.busy && polls < 100000; ++polls) queue().poll(now_);
    return polls;
  }

  std::vector<uint8_t> blob_ = std::vector<uint8_t>(kLarge + 100, 0x5A);
  StageEnv env_;
  RunControl control_;
  StageStats stats_;
  std::optional<GramQueue> queue_;
  std::deque<Gram> grams_;
  std::deque<Descriptor> ranges_;
  std::vector<Grant> grants_ = {{.stream = 0, .offset = 0, .length = 1}};
  uint64_t now_ = 1;
  // What work() has seen: a gram each time it is begun and done, and whether it was good.
  std::vector<uint32_t> begun_;
  std::vector<uint32_t> done_;
  std::vector<bool> good_;
  uint32_t writer_ = 0;  // the gram that writes

 private:
  Step work(Gram& gram, bool good, uint64_t bytes) noexcept override {
    uint64_t& left = left_[gram.number];
    if (left == 0) {
      left = gram.bytes;
      begun_.push_back(gram.number);
    }
    left -= std::min(left, bytes);
    if (left != 0) return Step::kMore;
    done_.push_back(gram.number);
    good_.push_back(good);
    return Step::kDone;
  }
  bool writes(const Gram& gram) const noexcept override { return gram.number == writer_; }
  bool give_up(Gram& gram) noexcept override { return gram.number != writer_ || left_[gram.number] == 0; }

  std::map<uint32_t, uint64_t> left_;
};

TEST_F(GramQueueTest, SmallGramsAreDealtWithAtOnce) {
  Gram* grams[] = {&gram(1, kSmall), &gram(2, kSmall), &gram(1, kSmall, DigestKind::kCrc32c)};
  ++grams[1]->end.digest;
  queue().submit(grams);
  EXPECT_TRUE(queue().empty());
  EXPECT_EQ(done_, (std::vector<uint32_t>{1, 2, 3}));
  EXPECT_EQ(good_, (std::vector<bool>{true, false, true}));
  EXPECT_FALSE(grams[0]->busy);
}

TEST_F(GramQueueTest, APeersSmallGramWaitsForNoOtherPeersLargeOnes) {
  std::vector<Gram*> large;
  for (int i = 0; i < 20; ++i) large.push_back(&gram(1, kLarge));
  queue().submit(large);
  for (int i = 0; i < 10; ++i) {
    Gram& small = gram(2, kSmall);
    submit(small);
    EXPECT_LE(polls_until_done(small), 4U) << "a slice of either peer, for the digest and for the work";
  }
  EXPECT_EQ(done_.size(), 10U);
}

TEST_F(GramQueueTest, PeersWithLargeGramsGetSlicesInTurn) {
  Gram& longest = gram(1, kLarge);
  Gram& shorter = gram(2, kLarge / 8);
  submit(longest);
  submit(shorter);
  const uint32_t polls = polls_until_done(shorter);
  EXPECT_LE(polls, 4 * (kLarge / 8 / (32 << 10)) + 4) << "two passes over its bytes, every other slice";
  EXPECT_TRUE(longest.busy);
}

TEST_F(GramQueueTest, GramsOfOnePeerAreDoneInOrderWhateverTheirSize) {
  std::vector<Gram*> grams;
  std::vector<uint32_t> numbers;
  for (const uint64_t bytes : {kLarge, kSmall, kLarge / 2, kSmall, kSmall, kLarge}) {
    grams.push_back(&gram(1, bytes, bytes == kSmall ? DigestKind::kCrc32c : DigestKind::kFnv1a64));
    numbers.push_back(grams.back()->number);
  }
  queue().submit(grams);
  polls_until_done(*grams.back());
  EXPECT_EQ(done_, numbers);
  EXPECT_EQ(std::count(good_.begin(), good_.end(), true), 6);
}

TEST_F(GramQueueTest, ALargeGramWhoseDigestIsWrongIsNotGood) {
  for (const DigestKind kind : {DigestKind::kFnv1a64, DigestKind::kCrc32c, DigestKind::kCrc64}) {
    Gram& false_gram = gram(1, kLarge, kind);
    false_gram.end.digest ^= 1;
    submit(false_gram);
    polls_until_done(false_gram);
    EXPECT_FALSE(good_.back());
  }
}

TEST_F(GramQueueTest, AGramThatWritesRunsAlone) {
  env_.grants = grants_;
  std::vector<Gram*> grams;
  for (const uint16_t peer : {1, 2, 3, 4}) grams.push_back(&gram(peer, kLarge / 4));
  writer_ = grams[2]->number;
  queue().submit(grams);
  for (Gram* one : grams) polls_until_done(*one);
  const auto place = [](const std::vector<uint32_t>& in, uint32_t of) {
    return std::find(in.begin(), in.end(), of) - in.begin();
  };
  // As many had been begun before the writer as were done before it, and none was begun before it was done.
  EXPECT_EQ(place(begun_, writer_), place(done_, writer_));
  EXPECT_EQ(done_.size(), 4U);
}

TEST_F(GramQueueTest, AGramOfManySlicesGetsOneOfThemInEachRoundOfManyPeersWithLargerOnes) {
  constexpr uint32_t kPeers = 40;
  for (uint16_t peer = 0; peer < kPeers; ++peer) submit(gram(peer, kLarge));
  Gram& ordinary = gram(kPeers, 100 << 10);
  submit(ordinary);
  EXPECT_LE(polls_until_done(ordinary), 8 * (kPeers + 1)) << "at least 32 KiB a turn, for the digest and for the work";
  EXPECT_EQ(done_, std::vector<uint32_t>{ordinary.number});
}

TEST_F(GramQueueTest, WhenTheRunEndsWhatWaitsIsGivenUpAndCountedButWhatHasBegunToWriteIsFinished) {
  env_.grants = grants_;
  Gram& writing = gram(1, kLarge, DigestKind::kNone);
  writer_ = writing.number;
  submit(writing);
  std::vector<Gram*> grams;
  for (int i = 0; i < 1000; ++i) grams.push_back(&gram(static_cast<uint16_t>(i), 200 << 10, DigestKind::kNone));
  queue().submit(grams);
  EXPECT_EQ(queue().frames(), 3U * 1001);
  control_.end(Exit::kDone, "");
  queue().poll(now_);
  EXPECT_EQ(stats_.dropped[static_cast<size_t>(Drop::kStopped)].get(), 0U) << "there is still time";
  now_ += 10;
  polls_until_done(writing);
  queue().poll(now_);
  EXPECT_TRUE(queue().empty());
  EXPECT_EQ(queue().frames(), 0U);
  EXPECT_EQ(done_.front(), writer_);
  EXPECT_EQ(stats_.dropped[static_cast<size_t>(Drop::kStopped)].get(), 3 * (1001 - done_.size()));
  EXPECT_TRUE(std::none_of(grams.begin(), grams.end(), [](const Gram* one) { return one->busy.load(); }));
}

}  // namespace
}  // namespace pfs
