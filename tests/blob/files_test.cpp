#include <gtest/gtest.h>
#include <sys/stat.h>

#include "blob/fill.hpp"
#include "support.hpp"

namespace pfs {
namespace {

using test::TempFile;

Layout layout_of(uint64_t mib, uint64_t block = 64) { return make_layout(mib * kMiB, block).value(); }

TEST(PlaceFiles, EachStartsAtTheNextBlockBehindTheOneBefore) {
  const TempFile one(std::vector<uint8_t>(1));
  const TempFile empty({});
  const TempFile full(std::vector<uint8_t>(128));
  const auto placed = place_files(layout_of(2), std::vector{one.path(), empty.path(), full.path(), one.path()});
  ASSERT_TRUE(placed) << placed.error().line();
  ASSERT_EQ(placed->size(), 4U);
  EXPECT_EQ((*placed)[0].offset, kMiB);
  EXPECT_EQ((*placed)[1].offset, kMiB + 64);
  EXPECT_EQ((*placed)[2].offset, kMiB + 64);
  EXPECT_EQ((*placed)[2].size, 128U);
  EXPECT_EQ((*placed)[3].offset, kMiB + 192);
}

TEST(PlaceFiles, AFileMayEndWhereTheBlobEnds) {
  const TempFile exact{std::vector<uint8_t>(kMiB)};
  EXPECT_TRUE(place_files(layout_of(2), std::vector{exact.path()}));
  const TempFile more(std::vector<uint8_t>(kMiB + 1));
  EXPECT_FALSE(place_files(layout_of(2), std::vector{more.path()}));
}

TEST(PlaceFiles, AMisfitSaysWhatIsMissingAndTheSizeThatWouldHoldAll) {
  const TempFile first(std::vector<uint8_t>(100));
  const TempFile big{std::vector<uint8_t>(kMiB)};
  const TempFile last(std::vector<uint8_t>(3 * kMiB));
  const auto placed = place_files(layout_of(2, 4096), std::vector{first.path(), big.path(), last.path()});
  ASSERT_FALSE(placed);
  const std::string line = placed.error().line();
  EXPECT_EQ(placed.error().where, big.path());
  EXPECT_NE(line.find(" 4096 bytes are missing"), std::string::npos) << line;
  EXPECT_NE(line.find("blob.size=6MiB"), std::string::npos) << line;  // 1 + 4096 B + 1 + 3 MiB, rounded up
  EXPECT_TRUE(place_files(layout_of(6, 4096), std::vector{first.path(), big.path(), last.path()}));
}

TEST(PlaceFiles, AbsentUnreadableAndIrregularFilesAreErrorsThatNameThePath) {
  const auto absent = place_files(layout_of(2), std::vector<std::string>{"/tmp/pfs_no_such_file"});
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().where, "/tmp/pfs_no_such_file");
  EXPECT_NE(absent.error().what.find("No such file"), std::string::npos) << absent.error().what;

  const auto folder = place_files(layout_of(2), std::vector<std::string>{"/tmp"});
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().what.find("not a regular file"), std::string::npos) << folder.error().what;

  const std::string pipe = "/tmp/pfs_test_pipe_" + std::to_string(getpid());
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_FALSE(place_files(layout_of(2), std::vector{pipe}));  // and does not wait for a writer
  unlink(pipe.c_str());
}

TEST(LoadPiece, ReadsOnlyWhatLiesInThePiece) {
  const std::vector<uint8_t> content = test::random_bytes(2 * kMiB - 500, 5);
  const TempFile file(content);
  const TempFile tail(std::vector<uint8_t>(300, 0x11));
  test::Blob blob(4 * kMiB);
  const auto placed = place_files(blob.view().layout, std::vector{file.path(), tail.path()}).value();
  const uint64_t from = kMiB + 100;
  const uint64_t length = kMiB + 5;
  ASSERT_TRUE(load_piece(blob.view(), placed, from, length));
  for (uint64_t at = 0; at < blob.bytes().size(); ++at) {
    const bool loaded = at >= from && at < from + length;
    ASSERT_EQ(blob.bytes()[at], loaded ? content[at - kMiB] : 0xEE) << at;
  }
  ASSERT_TRUE(load_piece(blob.view(), placed, 2 * kMiB, 2 * kMiB));
  EXPECT_EQ(blob.bytes()[placed[1].offset - 1], 0xEE);  // between the files
  EXPECT_EQ(blob.bytes()[placed[1].offset], 0x11);
  EXPECT_EQ(blob.bytes()[placed[1].offset + 299], 0x11);
  EXPECT_EQ(blob.bytes()[placed[1].offset + 300], 0xEE);
}

}  // namespace
}  // namespace pfs
