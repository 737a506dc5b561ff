#include "blob/denote_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "support.hpp"

namespace pfs {
namespace {

using test::Blob;
using test::random_bytes;

class DenoteFile : public testing::Test {
 protected:
  DenoteFile() { fill_piece(blob_.view(), 11, 0, 4 * kMiB); }

  void index() {
    index_.emplace(BlockIndex::build(blob_.view(), test::forwards).value());
    denoter_.emplace(blob_.view(), *index_);
  }

  /// Denotes all of `file` with tables of `capacity`, checks that the pieces are the file and returns them.
  std::vector<Descriptor> denote(std::span<const uint8_t> file, uint32_t capacity = 1 << 20) {
    std::vector<Descriptor> all;
    std::vector<Descriptor> room(capacity);
    size_t at = 0;
    const uint64_t before = denoter_->bytes_referenced() + denoter_->bytes_literal();
    do {
      DescriptorTable table{room.data(), 0, capacity};
      const std::span<const uint8_t> rest = file.subspan(at);
      const size_t done = denoter_->denote(rest, table);
      check(rest.first(done), {table.data, table.count});
      if (done < rest.size()) {
        EXPECT_EQ(table.count, capacity);
        EXPECT_EQ(done % 64, 0U);
        EXPECT_GT(done, 0U);
      }
      all.insert(all.end(), room.begin(), room.begin() + table.count);
      at += done;
      if (testing::Test::HasFailure()) break;
    } while (at < file.size());
    EXPECT_EQ(denoter_->bytes_referenced() + denoter_->bytes_literal() - before, file.size());
    return all;
  }

  /// The pieces put together are `bytes`; neighbours are merged.
  void check(std::span<const uint8_t> bytes, std::span<const Descriptor> pieces) {
    size_t at = 0;
    for (size_t i = 0; i < pieces.size(); ++i) {
      const Descriptor& piece = pieces[i];
      const uint64_t length = piece.length;
      ASSERT_GT(length, 0U);
      ASSERT_LE(length, bytes.size() - at);
      if (piece.in_blob()) {
        ASSERT_GE(piece.offset, kMiB);
        ASSERT_TRUE(inside(piece.offset, length, blob_.bytes().size()));
        ASSERT_TRUE(std::equal(bytes.begin() + at, bytes.begin() + at + length, &blob_.bytes()[piece.offset])) << at;
      } else {
        ASSERT_EQ(piece.offset, at);  // denoted in place
      }
      if (i > 0 && pieces[i - 1].space == piece.space) {
        ASSERT_NE(pieces[i - 1].offset + pieces[i - 1].length, piece.offset) << "not merged, piece " << i;
      }
      at += length;
    }
    ASSERT_EQ(at, bytes.size());
  }

  /// Bytes [from, from + length) of the blob.
  std::vector<uint8_t> part(uint64_t from, uint64_t length) {
    return {blob_.bytes().begin() + static_cast<ptrdiff_t>(from),
            blob_.bytes().begin() + static_cast<ptrdiff_t>(from + length)};
  }

  void put(uint64_t at, std::span<const uint8_t> bytes) { std::copy(bytes.begin(), bytes.end(), &blob_.bytes()[at]); }

  Blob blob_{4 * kMiB};
  std::optional<BlockIndex> index_;
  std::optional<FileDenoter> denoter_;
};

TEST_F(DenoteFile, AFileThatLiesInTheBlobIsOnePieceWithItsTail) {
  index();
  for (const size_t bytes : {64, 65, 100, 127, 128, 4096, 4097, 100000, 1000001}) {
    const auto pieces = denote(part(kMiB + 640, bytes));
    ASSERT_EQ(pieces.size(), 1U) << bytes;
    EXPECT_EQ(pieces[0], blob_range(kMiB + 640, bytes));
  }
  EXPECT_EQ(denoter_->bytes_literal(), 0U);
}

TEST_F(DenoteFile, NothingGivesNothing) {
  index();
  EXPECT_TRUE(denote({}).empty());
}

TEST_F(DenoteFile, AFileUnknownToTheBlobIsOneLiteral) {
  index();
  for (const size_t bytes : {1, 63, 64, 65, 1000, 1000000}) {
    const auto pieces = denote(random_bytes(bytes, 3));
    ASSERT_EQ(pieces.size(), 1U) << bytes;
    EXPECT_EQ(pieces[0], slab_range(0, bytes));
  }
  EXPECT_EQ(denoter_->bytes_referenced(), 0U);
}

TEST_F(DenoteFile, ATailThatTheBlobContinuesOtherwiseIsLiteral) {
  index();
  std::vector<uint8_t> file = part(kMiB, 200);
  file.back() ^= 1;
  const auto pieces = denote(file);
  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_EQ(pieces[0], blob_range(kMiB, 192));
  EXPECT_EQ(pieces[1], slab_range(192, 8));
}

TEST_F(DenoteFile, AMatchStopsWhereTheBlobEnds) {
  index();
  std::vector<uint8_t> file = part(4 * kMiB - 128, 128);
  file.resize(200, 0xEE);  // what stands behind the blob's end
  const auto pieces = denote(file);
  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_EQ(pieces[0], blob_range(4 * kMiB - 128, 128));
  EXPECT_EQ(pieces[1], slab_range(128, 72));
}

TEST_F(DenoteFile, ABlockChangedInPlaceLeavesTheRestReferenced) {
  index();
  std::vector<uint8_t> file = part(kMiB, 64 * 100);
  file[64 * 50 + 3] ^= 1;
  const auto pieces = denote(file);
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[1], slab_range(64 * 50, 64));
  EXPECT_EQ(pieces[2], blob_range(kMiB + 64 * 51, 64 * 49));
}

TEST_F(DenoteFile, BehindAChangedBlockTheSameCopyGoesOn) {
  put(3 * kMiB, part(kMiB, 64 * 100));  // a second copy; the index knows the first
  index();
  std::vector<uint8_t> file = part(3 * kMiB - 64, 64 * 101);
  file[64 * 50 + 3] ^= 1;
  const auto pieces = denote(file);
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[0], blob_range(3 * kMiB - 64, 64 * 50));
  EXPECT_EQ(pieces[1], slab_range(64 * 50, 64));
  EXPECT_EQ(pieces[2], blob_range(3 * kMiB + 64 * 50, 64 * 50));
}

TEST_F(DenoteFile, EveryBlockThatTheBlobHasIsReferenced) {
  index();
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    std::vector<uint8_t> file;
    uint64_t known = 0;
    while (file.size() < 300000) {
      const uint64_t blocks = 1 + random() % (random() % 2 ? 3 : 200);
      const bool from_blob = random() % 2;
      const auto bytes =
          from_blob ? part(kMiB + random() % 20000 * 64, blocks * 64) : random_bytes(blocks * 64, random());
      known += from_blob ? bytes.size() : 0;
      file.insert(file.end(), bytes.begin(), bytes.end());
    }
    const uint64_t before = denoter_->bytes_referenced();
    const auto tail = random_bytes(random() % 64, random());
    file.insert(file.end(), tail.begin(), tail.end());
    denote(file);
    EXPECT_EQ(denoter_->bytes_referenced() - before, known) << "seed " << seed;
    denote(file, 1 + random() % 7);  // and with tables that fill up
    EXPECT_EQ(denoter_->bytes_referenced() - before, 2 * known) << "seed " << seed;
  }
}

TEST_F(DenoteFile, ARepetitiveFileIsReferencedWhateverThePeriod) {
  const std::vector<uint8_t> zeros(kMiB);
  put(2 * kMiB, zeros);
  for (const size_t period : {1, 2, 3, 64, 128, 192}) {  // repeated texts of whole blocks, right behind the zeros
    const auto unit = random_bytes(period, static_cast<uint32_t>(period));
    std::vector<uint8_t> text(64 * 192);
    for (size_t i = 0; i < text.size(); ++i) text[i] = unit[i % period];
    put(3 * kMiB + period * 1024 * 3, text);
    index();
    std::vector<uint8_t> file(64 * 192 * 20);
    for (size_t i = 0; i < file.size(); ++i) file[i] = unit[i % period];
    const auto pieces = denote(file);
    EXPECT_EQ(denoter_->bytes_literal(), 0U) << "period " << period;
    EXPECT_LE(pieces.size(), 23U) << "period " << period;  // about one for each time the blob holds the text
  }
}

TEST_F(DenoteFile, ZerosCostAPieceForEachStretchOfZerosInTheBlob) {
  put(2 * kMiB, std::vector<uint8_t>(kMiB));
  index();
  const auto pieces = denote(std::vector<uint8_t>(15 * kMiB + 64 * 100 + 17));
  EXPECT_EQ(denoter_->bytes_literal(), 0U);
  EXPECT_EQ(pieces.size(), 16U);
}

TEST_F(DenoteFile, ZerosOverOneZeroBlockAreStillReferenced) {
  put(2 * kMiB, std::vector<uint8_t>(64));
  index();
  const auto pieces = denote(std::vector<uint8_t>(64 * 1000), 17);
  EXPECT_EQ(denoter_->bytes_literal(), 0U);
  EXPECT_EQ(pieces.size(), 1000U);
}

TEST_F(DenoteFile, AFullTableWithNoRoomTakesNothing) {
  index();
  DescriptorTable none{nullptr, 0, 0};
  EXPECT_EQ(denoter_->denote(part(kMiB, 640), none), 0U);
  EXPECT_EQ(denoter_->denote(random_bytes(640, 1), none), 0U);
  EXPECT_EQ(denoter_->bytes_referenced() + denoter_->bytes_literal(), 0U);
}

}  // namespace
}  // namespace pfs
