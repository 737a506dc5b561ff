#include "stages/file_sink/file_sink.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "temp_folder.hpp"

namespace pfs {
namespace {

using test::Bytes;
using test::TempFolder;

constexpr uint64_t kTicks = 1'000'000'000;  // a second; the stage only compares differences

/// A gram that denotes `count` bytes of a blob, from a sender of its own.
std::unique_ptr<Gram> gram_of(const FileUnit& unit, Descriptor& piece, uint64_t offset, uint64_t count,
                              uint8_t sender) {
  auto gram = std::make_unique<Gram>();
  piece = blob_range(offset, count);
  gram->busy = true;
  gram->has_file = true;
  gram->frames = 1;
  gram->bytes = count;
  gram->table = {.data = &piece, .count = 1, .capacity = 1};
  gram->head.arg = offset;
  gram->end = {.digest_kind = 0, .frames = 1, .descriptors = 1, .bytes = count, .digest = 0};
  gram->file = unit;
  gram->reply.encapsulation = ethernet_encapsulation({2, 0, 0, 0, 0, sender}, {2, 0, 0, 0, 0, 99});
  return gram;
}

class Sink : public testing::Test {
 protected:
  Sink() : content_(1'000'000, 7), folder_(std::make_shared<const Folder>(temp_.open())) {
    Sha256 hash;
    hash.update(content_);
    unit_ = {.size = content_.size(), .sha256 = hash.finish(), .name = "out"};
    StageEnv env;
    env.blob.data = content_.data();
    env.ticks_per_second = kTicks;
    env.control = &control_;
    sink_ = std::make_unique<FileSink>(env, FileSinkConfig{.timeout_s = 1, .once = true}, folder_);
  }
  void take(Gram& gram) {
    void* item = &gram;
    sink_->take(&item, 1);
  }

  TempFolder temp_;
  Bytes content_;
  FileUnit unit_;
  std::shared_ptr<const Folder> folder_;
  RunControl control_;
  std::unique_ptr<FileSink> sink_;
};

TEST_F(Sink, ADiskThatTakesLongIsNoSilenceOfTheSender) {
  Descriptor piece;
  const auto gram = gram_of(unit_, piece, 0, content_.size(), 1);
  take(*gram);
  ASSERT_TRUE(gram->busy) << "the gram has several slices";
  // The clock has gone on by an hour since the first slice was begun.
  for (int i = 0; i < 10 && gram->busy; ++i) sink_->poll(UINT64_MAX / 2);
  EXPECT_FALSE(gram->busy);
  EXPECT_EQ(control_.exit(), Exit::kDone);
  EXPECT_EQ(temp_.read("out"), std::string(content_.begin(), content_.end()));
}

TEST_F(Sink, TheSenderIsKnownByItsAddressNotByItsPlaceInATable) {
  std::vector<Descriptor> pieces(3);
  const auto first = gram_of(unit_, pieces[0], 0, 1000, 1);
  take(*first);
  const auto stranger = gram_of(unit_, pieces[1], 1000, 1000, 2);  // given the same place by another assembler
  take(*stranger);
  EXPECT_EQ(sink_->stats.dropped[static_cast<size_t>(Drop::kUnwanted)].get(), 1u);
  const auto again = gram_of(unit_, pieces[2], 1000, 1000, 1);
  again->peer = 5;  // forgotten and known anew
  take(*again);
  EXPECT_EQ(sink_->stats.processed.get(), 2u);
}

}  // namespace
}  // namespace pfs
