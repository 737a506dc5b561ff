#include "stages/file_sink/file_sink.hpp"

#include <gtest/gtest.h>
#include <rte_cycles.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "stages/output.hpp"
#include "temp_folder.hpp"

namespace pfs {
namespace {

using test::Bytes;
using test::TempFolder;

constexpr uint64_t kTicks = 1'000'000'000;  // a second; the stage only compares differences

/// A gram that denotes `count` bytes of a blob from `offset` on, which are those of the file from there on.
struct OneGram {
  Descriptor piece;
  Gram gram;
  OneGram(const FileUnit& unit, uint64_t base, uint64_t offset, uint64_t count, uint8_t sender, uint16_t stream = 0)
      : piece(blob_range(base + offset, count)) {
    gram.busy = true;
    gram.has_file = true;
    gram.frames = 1;
    gram.stream = stream;
    gram.peer = sender;
    gram.bytes = count;
    gram.table = {.data = &piece, .count = 1, .capacity = 1};
    gram.head.arg = offset;
    gram.end = {.digest_kind = 0, .frames = 1, .descriptors = 1, .bytes = count, .digest = 0};
    gram.file = unit;
    gram.reply.encapsulation = ethernet_encapsulation({2, 0, 0, 0, 0, sender}, {2, 0, 0, 0, 0, 99});
  }
};

/// A stage that takes nothing, and to which whatever is given arrives.
struct Session final : Stage {
  void take(void** /*items*/, uint32_t /*count*/) noexcept override {}
  uint32_t poll(uint64_t /*now*/) noexcept override { return 0; }
  bool drain(uint64_t /*now*/) noexcept override { return true; }
  [[nodiscard]] bool delivers() const noexcept override { return true; }
};

class Sink : public testing::Test {
 protected:
  Sink() : folder_(std::make_shared<const Folder>(temp_.open())) {
    content_.resize(2'000'000);
    for (size_t i = 0; i < content_.size(); ++i) content_[i] = static_cast<uint8_t>(i * i >> 7);
    make({});
  }
  /// The stage anew. A second has `ticks`.
  void make(FileSinkConfig config, uint64_t ticks = kTicks) {
    StageEnv env;
    env.blob.data = content_.data();
    env.ticks_per_second = ticks;
    env.control = &control_;
    config.timeout_s = 1;
    sink_ = std::make_unique<FileSink>(env, config, folder_);
  }
  /// A file that lies in the blob from `base` on.
  [[nodiscard]] FileUnit unit(const char* name, uint64_t base, uint64_t size) const {
    Sha256 hash;
    hash.update({content_.data() + base, size});
    return {.size = size, .sha256 = hash.finish(), .name = name};
  }
  /// Gives the sink a range of a file. Small grams are dealt with at once.
  void take(const FileUnit& unit, uint64_t base, uint64_t offset, uint64_t count, uint8_t sender, uint16_t stream = 0) {
    grams_.push_back(std::make_unique<OneGram>(unit, base, offset, count, sender, stream));
    void* item = &grams_.back()->gram;
    sink_->take(&item, 1);
  }
  [[nodiscard]] uint64_t dropped(Drop reason) const { return sink_->stats.dropped[static_cast<size_t>(reason)].get(); }
  [[nodiscard]] uint64_t figure(std::string_view name) const {
    for (const Figure& figure : sink_->figures())
      if (figure.name == name) return figure.read();
    throw std::runtime_error("no such figure");
  }
  [[nodiscard]] bool holds(const char* name, uint64_t base, uint64_t size) const {
    const std::string back = temp_.read(name);
    return back.size() == size && std::equal(back.begin(), back.end(), content_.begin() + static_cast<long>(base),
                                             [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
  }

  TempFolder temp_;
  Bytes content_;
  std::shared_ptr<const Folder> folder_;
  RunControl control_;
  std::vector<std::unique_ptr<OneGram>> grams_;
  std::unique_ptr<FileSink> sink_;
};

TEST_F(Sink, ADiskThatTakesLongIsNoSilenceOfTheSender) {
  take(unit("out", 0, 1'000'000), 0, 0, 1'000'000, 1);
  const Gram& gram = grams_[0]->gram;
  ASSERT_TRUE(gram.busy) << "the gram has several slices";
  // The clock has gone on by an hour since the first slice was begun.
  for (int i = 0; i < 10 && gram.busy; ++i) sink_->poll(UINT64_MAX / 2);
  EXPECT_FALSE(gram.busy);
  EXPECT_EQ(control_.exit(), Exit::kDone);
  EXPECT_TRUE(holds("out", 0, 1'000'000));
}

TEST_F(Sink, TheSenderIsKnownByItsAddressNotByItsPlaceInATable) {
  make({.once = false});
  const FileUnit file = unit("out", 0, 3000);
  take(file, 0, 0, 1000, 1);
  take(file, 0, 1000, 1000, 2);  // a stranger, given the same place by another assembler
  grams_.back()->gram.peer = 1;
  grams_.push_back(std::make_unique<OneGram>(file, 0, 1000, 1000, 1));
  grams_.back()->gram.peer = 5;  // the first one, forgotten and known anew
  void* item = &grams_.back()->gram;
  sink_->take(&item, 1);
  EXPECT_TRUE(temp_.names().empty());
  take(file, 0, 2000, 1000, 1);
  EXPECT_TRUE(holds("out", 0, 3000));
  EXPECT_EQ(sink_->stats.processed.get(), 4u);
}

TEST_F(Sink, FilesOfSeveralSendersAndStreamsGrowSideBySide) {
  make({.once = false});
  constexpr uint64_t kSize = 30'000;
  const char* names[] = {"a", "b", "c", "d"};
  for (uint64_t at = 0; at < kSize; at += 1000)
    for (size_t i = 0; i < 4; ++i)
      take(unit(names[i], i * 5000, kSize), i * 5000, at, 1000, static_cast<uint8_t>(i / 2), static_cast<uint16_t>(i));
  EXPECT_EQ(temp_.names(), (std::vector<std::string>{"a", "b", "c", "d"}));
  for (size_t i = 0; i < 4; ++i) EXPECT_TRUE(holds(names[i], i * 5000, kSize)) << i;
  const TransferResult result = control_.result();
  EXPECT_EQ(result.files_verified, 4u);
  EXPECT_EQ(result.bytes, 4 * kSize);
  EXPECT_EQ(control_.received.bytes.load(), 4 * kSize);
  EXPECT_EQ(control_.received.total.load(), 4 * kSize);
}

TEST_F(Sink, GramsOfManySlicesFromSeveralSendersDoNotMixUp) {
  make({.once = false});
  take(unit("a", 0, 900'000), 0, 0, 900'000, 1);
  take(unit("b", 100'000, 900'000), 100'000, 0, 900'000, 2);
  take(unit("c", 200'000, 900'000), 200'000, 0, 900'000, 3);
  EXPECT_TRUE(temp_.names().size() < 3);
  for (int i = 0; i < 1000 && sink_->frames_in_flight() != 0; ++i) sink_->poll(rte_rdtsc());
  EXPECT_TRUE(holds("a", 0, 900'000));
  EXPECT_TRUE(holds("b", 100'000, 900'000));
  EXPECT_TRUE(holds("c", 200'000, 900'000));
}

TEST_F(Sink, OfTwoFilesOfOneNameTheFirstToBeWholeHasIt) {
  make({.once = false});
  const FileUnit slow = unit("out", 0, 2000);
  const FileUnit fast = unit("out", 777, 2000);
  take(slow, 0, 0, 1000, 1);
  take(fast, 777, 0, 2000, 2);
  EXPECT_TRUE(holds("out", 777, 2000));
  testing::internal::CaptureStderr();
  take(slow, 0, 1000, 1000, 1);
  EXPECT_TRUE(holds("out", 777, 2000));
  EXPECT_EQ(temp_.names(), std::vector<std::string>{"out"});
  EXPECT_EQ(control_.result().files_verified, 1u);
  EXPECT_EQ(control_.result().files_ended, 2u);
  testing::internal::GetCapturedStderr();
}

TEST_F(Sink, WithOverwriteTheLastToBeWholeStays) {
  make({.incoming = {.overwrite = true}, .once = false});
  const FileUnit slow = unit("out", 0, 2000);
  take(slow, 0, 0, 1000, 1);
  take(unit("out", 777, 2000), 777, 0, 2000, 2);
  take(slow, 0, 1000, 1000, 1);
  EXPECT_TRUE(holds("out", 0, 2000));
  EXPECT_EQ(control_.result().files_verified, 2u);
}

TEST_F(Sink, OnceEndsWithTheFirstVerifiedFileAndKeepsNothingOfTheOthers) {
  take(unit("slow", 0, 2000), 0, 0, 1000, 1);
  take(unit("fast", 0, 1000), 0, 0, 1000, 2);
  EXPECT_TRUE(control_.stopping());
  EXPECT_EQ(control_.exit(), Exit::kDone);
  take(unit("slow", 0, 2000), 0, 1000, 1000, 1);
  take(unit("third", 0, 1000), 0, 0, 1000, 3);
  EXPECT_EQ(temp_.names(), std::vector<std::string>{"fast"});
  EXPECT_TRUE(control_.result().verified);
  EXPECT_EQ(control_.result().files_ended, 1u);
}

TEST_F(Sink, AFileThatFailsDoesNotEndTheRunWhileAnotherIsInProgress) {
  FileUnit wrong = unit("wrong", 0, 1000);
  wrong.sha256[0] ^= 1;
  take(unit("right", 0, 2000), 0, 0, 1000, 1);
  take(wrong, 0, 0, 1000, 2);
  EXPECT_FALSE(control_.stopping());
  take(unit("right", 0, 2000), 0, 1000, 1000, 1);
  EXPECT_TRUE(control_.stopping());
  EXPECT_EQ(control_.exit(), Exit::kDone);
  EXPECT_TRUE(control_.result().verified);
}

TEST_F(Sink, AFileThatFailsAloneEndsTheRun) {
  FileUnit wrong = unit("wrong", 0, 1000);
  wrong.sha256[0] ^= 1;
  take(wrong, 0, 0, 1000, 2);
  EXPECT_TRUE(control_.stopping());
  EXPECT_EQ(control_.exit(), Exit::kUnverified);
  EXPECT_TRUE(temp_.names().empty());
}

TEST_F(Sink, MoreFilesThanThereArePlacesForAreRefusedAndCounted) {
  make({.files = 2, .once = false});
  const FileUnit third = unit("c", 0, 2000);
  take(unit("a", 0, 2000), 0, 0, 1000, 1);
  take(unit("b", 0, 2000), 0, 0, 1000, 2);
  take(third, 0, 0, 1000, 3);
  take(third, 0, 1000, 1000, 3);
  EXPECT_EQ(figure("files_refused"), 1u);
  EXPECT_EQ(dropped(Drop::kOverLimit), 1u);
  EXPECT_EQ(dropped(Drop::kUnwanted), 1u) << "what follows of a refused file does not ask again";
  take(unit("a", 0, 2000), 0, 1000, 1000, 1);
  take(third, 0, 0, 1000, 3);
  take(third, 0, 1000, 1000, 3);
  EXPECT_EQ(temp_.names(), (std::vector<std::string>{"a", "c"}));
}

TEST_F(Sink, WhoeverSendsTheSameFileHasSentItWhenTheFirstIsWhole) {
  make({.once = false});
  const FileUnit file = unit("out", 0, 2000);
  take(file, 0, 0, 1000, 1);
  take(file, 0, 0, 2000, 2);
  take(file, 0, 1000, 1000, 1);
  EXPECT_EQ(dropped(Drop::kDuplicate), 1u);
  EXPECT_EQ(control_.result().files_ended, 1u);
  EXPECT_TRUE(control_.result().verified);
  EXPECT_EQ(temp_.names(), std::vector<std::string>{"out"});
}

TEST_F(Sink, AVerifiedFileThatComesAgainIsADuplicateAsLongAsItIsThere) {
  make({.once = false});
  const FileUnit file = unit("out", 0, 2000);
  for (const uint8_t sender : {1, 2}) {
    take(file, 0, 0, 1000, sender);
    take(file, 0, 1000, 1000, sender);
  }
  EXPECT_EQ(dropped(Drop::kDuplicate), 2u);
  EXPECT_EQ(control_.result().files_ended, 1u);
  std::filesystem::remove(temp_.path("out"));
  take(file, 0, 1000, 1000, 2);
  EXPECT_EQ(dropped(Drop::kDuplicate), 3u) << "an end that comes late begins nothing";
  take(file, 0, 0, 1000, 2);
  take(file, 0, 1000, 1000, 2);
  EXPECT_TRUE(holds("out", 0, 2000));
  EXPECT_EQ(control_.result().files_verified, 2u);
}

TEST_F(Sink, WhatFailedForOneSenderHasNotFailedForAnother) {
  make({.once = false});
  const FileUnit file = unit("out", 0, 2000);
  take(file, 777, 0, 2000, 1);  // other bytes under the same name, size and SHA-256
  EXPECT_EQ(control_.result().files_ended, 1u);
  take(file, 0, 1000, 1000, 2);
  take(file, 0, 0, 1000, 2);
  EXPECT_TRUE(holds("out", 0, 2000));
}

TEST_F(Sink, AFileThatFailedMayComeAgainFromItsBeginning) {
  make({.once = false});
  const FileUnit file = unit("out", 0, 2000);
  temp_.write("out", "old");
  take(file, 0, 0, 1000, 1);
  take(file, 0, 1000, 1000, 1);
  EXPECT_EQ(dropped(Drop::kUnwanted), 2u);
  EXPECT_EQ(temp_.read("out"), "old");
  std::filesystem::remove(temp_.path("out"));
  take(file, 0, 0, 1000, 1);
  take(file, 0, 1000, 1000, 1);
  EXPECT_TRUE(holds("out", 0, 2000));
}

TEST_F(Sink, AFileThatStandsThereAlreadyIsVerifiedIfItIsTheSameAndElseRefused) {
  make({.once = false});
  const FileUnit file = unit("out", 0, 700'000);  // read in three pieces
  for (const bool same : {true, false}) {
    std::string content(content_.begin(), content_.begin() + 700'000);
    if (!same) content[400'000] ^= 1;
    temp_.write("out", content);
    for (uint64_t at = 0; at < 700'000; at += 50'000) take(file, 0, at, 50'000, same ? 1 : 2);
    for (int i = 0; i < 4; ++i) sink_->poll(rte_rdtsc());
    EXPECT_EQ(control_.result().files_verified, 1u);
    EXPECT_EQ(control_.result().files_ended, same ? 1u : 2u);
    EXPECT_EQ(temp_.read("out"), content) << "it stays as it is";
  }
  EXPECT_EQ(temp_.names(), std::vector<std::string>{"out"});
  EXPECT_EQ(dropped(Drop::kDuplicate), 28u);
}

TEST_F(Sink, WithOverwriteAFileThatStandsThereIsNotComparedButReplaced) {
  make({.incoming = {.overwrite = true}, .once = false});
  temp_.write("out", std::string(content_.begin(), content_.begin() + 2000));
  take(unit("out", 0, 2000), 0, 0, 1000, 1);
  take(unit("out", 0, 2000), 0, 1000, 1000, 1);
  EXPECT_EQ(dropped(Drop::kDuplicate), 0u);
  EXPECT_EQ(control_.result().files_verified, 1u);
}

TEST_F(Sink, EachFileHasItsOwnSilence) {
  constexpr uint64_t kSecond = 1000 * kTicks;  // so long that no write takes a noticeable part of it
  make({.once = false}, kSecond);
  take(unit("a", 0, 2000), 0, 0, 1000, 1);
  const uint64_t between = rte_rdtsc();
  take(unit("b", 0, 2000), 0, 0, 1000, 2);
  sink_->poll(between + kSecond + 1);
  EXPECT_EQ(control_.result().files_ended, 1u);
  take(unit("b", 0, 2000), 0, 1000, 1000, 2);
  EXPECT_EQ(temp_.names(), std::vector<std::string>{"b"});
}

TEST_F(Sink, InASessionAFileWhoseSenderFellSilentIsGoneOnWithByAnother) {
  Session session;
  CycleMeter meter;
  Edge edge("sink -> session", session, Item::kFrame, EdgeConfig::Full::kHold);
  edge.connect_directly(meter);
  Output output;
  output.add(edge);
  const FileUnit file = unit("out", 0, 3000);
  for (const bool silent : {false, true}) {
    // A second takes 400 us or less, or longer than the test.
    const uint64_t second = silent ? 1'000'000 : kTicks * kTicks;
    make({.once = false}, second);
    sink_->frames_out = &output;
    const uint64_t begun = rte_rdtsc();
    take(file, 0, 0, 1000, 1);
    take(file, 0, 1000, 1000, 1);
    // What the disk took is no silence, so the sender is silent for as long again and two seconds.
    const uint64_t until = 2 * rte_rdtsc() - begun + 2 * second;
    while (silent && rte_rdtsc() < until) {
    }
    take(file, 0, 0, 1000, 2);
    take(file, 0, 1000, 1000, 2);
    take(file, 0, 2000, 1000, 2);
    EXPECT_EQ(figure("files_taken_over"), silent ? 1u : 0u);
    EXPECT_EQ(dropped(Drop::kDuplicate), silent ? 2u : 0u);
    EXPECT_TRUE(holds("out", 0, 3000));
    std::filesystem::remove(temp_.path("out"));
  }
}

TEST_F(Sink, WithoutASessionNobodyGoesOnWithAnothersFile) {
  make({.once = false}, 1'000'000);
  const FileUnit file = unit("out", 0, 2000);
  take(file, 0, 0, 1000, 1);
  for (const uint64_t begun = rte_rdtsc(); rte_rdtsc() - begun < 100'000'000;) {
  }
  take(file, 0, 1000, 1000, 2);
  EXPECT_EQ(figure("files_taken_over"), 0u);
  EXPECT_TRUE(temp_.names().empty());
}

TEST_F(Sink, WhatIsInProgressWhenTheRunEndsLeavesNothing) {
  make({.once = false});
  take(unit("a", 0, 2000), 0, 0, 1000, 1);
  take(unit("b", 0, 2000), 0, 0, 1000, 2);
  EXPECT_TRUE(sink_->drain(rte_rdtsc()));
  EXPECT_TRUE(temp_.names().empty());
  EXPECT_EQ(control_.result().files_ended, 2u);
  EXPECT_FALSE(control_.result().verified);
  EXPECT_EQ(control_.received.total.load(), control_.received.bytes.load());
}

}  // namespace
}  // namespace pfs
