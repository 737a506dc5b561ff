#include "reduce/file_reducer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "blob/fill.hpp"
#include "gram/building/builder.hpp"
#include "support.hpp"

namespace pfs::reduce {
namespace {

using namespace test;

constexpr uint64_t kMiB = 1 << 20;
constexpr size_t kGram = 64 << 10;
constexpr uint32_t kPayload = 1478;

class FileReduction : public testing::Test {
 protected:
  FileReduction() : memory_(4 * kMiB) {
    view_.data = memory_.data();
    view_.layout = make_layout(4 * kMiB, 64).value();
    fill_piece(view_, 3, 0, 4 * kMiB);
  }

  /// Denotes a file gram by gram, checks that the pieces are the file, and builds the grams.
  CountingSink send(const Bytes& file) {
    const Chunker chunker;
    const ChunkIndex index = index_of(memory_, chunker, kMiB);
    FileReducer reducer(view_, index, chunker, kGram);
    GramBuilder builder({.payload_bytes = kPayload}, view_);
    CountingSink sink;
    std::vector<Descriptor> room(FileReducer::descriptors_most(kGram));
    for (size_t at = 0; at < file.size(); at += kGram) {
      const auto part = std::span(file).subspan(at, std::min(kGram, file.size() - at));
      DescriptorTable table{room.data(), 0, static_cast<uint32_t>(FileReducer::descriptors_most(part.size()))};
      reducer.denote(part, table);
      Bytes replayed;
      for (uint32_t i = 0; i < table.count; ++i) {
        const std::span<const uint8_t> space = room[i].in_blob() ? std::span<const uint8_t>(memory_) : part;
        append(replayed, space.subspan(room[i].offset, room[i].length));
      }
      EXPECT_TRUE(std::equal(replayed.begin(), replayed.end(), part.begin(), part.end()));
      const CountingSink before = sink;
      EXPECT_TRUE(builder.build({.pieces = {room.data(), table.count}, .slab = part.data()}, sink));
      // No worse than blocks of 64 with a head each, which is what file_source keeps frames for.
      EXPECT_LE(sink.frames - before.frames, ((part.size() + 63) / 64 * 72 + 512) / (kPayload - 80) + 3);
    }
    EXPECT_EQ(reducer.bytes_referenced() + reducer.bytes_literal(), file.size());
    return sink;
  }

  Bytes memory_;
  BlobView view_;
};

TEST_F(FileReduction, OfAFileWithAByteInItsFrontIsAlmostNothing) {
  Bytes file(memory_.begin() + kMiB, memory_.end());
  file.insert(file.begin(), 1);
  const CountingSink sent = send(file);
  EXPECT_LE(sent.bytes, sent.frames * 120);
  EXPECT_EQ(sent.frames, (file.size() + kGram - 1) / kGram);
}

TEST_F(FileReduction, DenotesEveryFileInNoMoreFramesThanBlocksTake) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    std::mt19937_64 random(seed);
    const Bytes content = mixed_bytes(kMiB, seed);
    std::copy(content.begin(), content.end(), memory_.begin() + kMiB);
    const Bytes file = edited(content, seed, seed % 4 == 0 ? 5000 : random() % 300);
    send(file);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST_F(FileReduction, LeavesOutWhatTheWireMakesTooDear) {
  const Chunker chunker;
  const ChunkIndex index = index_of(memory_, chunker, kMiB);
  Bytes file(memory_.begin() + kMiB, memory_.begin() + kMiB + kGram);
  for (size_t at = 1000; at < file.size(); at += at < 30000 ? 100 : 300) file[at] ^= 1;
  std::vector<Descriptor> room(FileReducer::descriptors_most(kGram));
  FileReducer dear(view_, index, chunker, kGram, {.copy = 200});
  DescriptorTable table{room.data(), 0, static_cast<uint32_t>(room.size())};
  dear.denote(file, table);
  for (uint32_t i = 0; i < table.count; ++i) EXPECT_TRUE(!room[i].in_blob() || room[i].length > 200) << i;
  EXPECT_GT(dear.bytes_literal(), 29000u);
  EXPECT_LT(dear.bytes_literal(), 31000u);
}

TEST_F(FileReduction, OfManySmallPiecesStaysWithinItsBounds) {
  for (const size_t piece : {24, 28, 32, 33, 40, 64, 100}) {  // of the blob, from all over it, with a byte between
    std::mt19937_64 random(piece);
    Bytes file;
    while (file.size() < 4 * kGram) {
      append(file, std::span(memory_).subspan(kMiB + random() % (2 * kMiB), piece));
      file.push_back(static_cast<uint8_t>(random()));
    }
    send(file);
    Bytes changed(memory_.begin() + kMiB, memory_.begin() + kMiB + 4 * kGram);  // in place, which follow() finds
    for (size_t at = 0; at < changed.size(); at += piece + 1) changed[at] ^= 1;
    send(changed);
    Bytes holes = random_bytes(4 * kGram, piece);
    for (size_t at = 0; at + 64 < holes.size(); at += 65)
      std::fill_n(holes.begin() + static_cast<ptrdiff_t>(at), 64, 0);
    send(holes);
    ASSERT_FALSE(testing::Test::HasFailure()) << "piece " << piece;
  }
}

}  // namespace
}  // namespace pfs::reduce
