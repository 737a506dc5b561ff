#include "blob/build.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "base/endian.hpp"
#include "blob/root.hpp"
#include "support.hpp"

namespace pfs {
namespace {

using test::Blob;
using test::TempFile;

std::vector<uint8_t> file_a() {
  const std::string text = "hello, blob";
  return {text.begin(), text.end()};
}

std::vector<uint8_t> file_b(size_t times) {
  std::vector<uint8_t> bytes(100000 * times);
  for (size_t i = 0; i < bytes.size(); ++i) {
    const size_t k = i % 100000;
    bytes[i] = static_cast<uint8_t>(k * 31 + (k >> 8) * 7);
  }
  return bytes;
}

struct Case {
  uint64_t size_mib;
  uint64_t seed;
  uint64_t block;
  std::vector<std::vector<uint8_t>> files;
  const char* root;  ///< by tests/vectors/pfsblob.py, see below
};

/// The roots come from `python3 tests/vectors/pfsblob.py SIZE_MIB SEED [FILE...]`, with `block` given to build() where
/// it is not 64; file_a() is `printf 'hello, blob'`, file_b() is
/// `bytes((i*31+(i>>8)*7)&255 for i in range(100000))`, repeated.
std::vector<Case> cases() {
  return {
      {2, 0, 64, {}, "b7fcacbfd3eb3f157c036e245d2d3e0a8541abbf068604446cfcdc0f148334bb"},
      {2, 42, 64, {}, "a12ae649218a4e91405c96e1583c5565a2687aa0fad560478e07ef429938f884"},
      {3, UINT64_MAX, 64, {}, "1f1165fe37e4fe0cd5af0e9a7ec556b0ab7e7a72677b0dbea6e99d040ab38f7f"},
      {2, 42, 4096, {}, "861d72070938d37825066c697707dcf8c9b1d5ab2b237a29256d054f059a0ab3"},
      {3, 7, 64, {file_a(), file_b(1)}, "cb939ca8a7f245efc4ff84dc073cb18314a7e94cecb9aee3623909a5dfdb0398"},
      {3, 7, 65536, {file_a(), file_b(1)}, "53c485955b45f6d898deec653d2bea0a7e60f9dc4839dc29fe3bcda74ac9fc02"},
      {5, 1, 128, {{}, file_b(20), file_a()}, "fd872b82e96865ae49977c3d772a6f7431e6437c7d6d42ca01fccca8ddf96470"},
      // One piece more than are hashed at once, in a file that lies on both sides.
      {17, 9, 64, {file_b(150), file_a()}, "417740e16a9d8036b44e0b0b03d5575ff68340ebf11d93ace1c76a2669b24537"},
  };
}

TEST(Build, RootsAreTheReferences) {
  for (const Case& each : cases()) {
    std::vector<std::unique_ptr<TempFile>> files;
    std::vector<std::string> paths;
    for (const auto& content : each.files) {
      files.push_back(std::make_unique<TempFile>(content));
      paths.push_back(files.back()->path());
    }
    for (const ParallelFor& order :
         {ParallelFor(test::forwards), ParallelFor(test::backwards), ParallelFor(test::threads)}) {
      Blob blob(each.size_mib * kMiB, each.block);
      const auto placed = place_files(blob.view().layout, paths);
      ASSERT_TRUE(placed) << placed.error().line();
      const auto root = build_blob(blob.view(), each.seed, *placed, order);
      ASSERT_TRUE(root) << root.error().line();
      EXPECT_EQ(to_hex(*root), each.root) << each.size_mib << " MiB, seed " << each.seed << ", block " << each.block;
      EXPECT_EQ(blob.view().id, load_be<uint32_t>(root->data() + 28));
      EXPECT_EQ(root_of(blob.view(), order), *root);
    }
  }
}

TEST(Fill, RangesOfAnySizeInAnyOrderAgree) {
  Blob whole(2 * kMiB);
  fill_piece(whole.view(), 99, 0, 2 * kMiB);
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<std::pair<uint64_t, uint64_t>> ranges;
    for (uint64_t at = 0; at < 2 * kMiB;) {
      const uint64_t length = std::min(8 * (1 + random() % 3000), 2 * kMiB - at);
      ranges.emplace_back(at, length);
      at += length;
    }
    std::shuffle(ranges.begin(), ranges.end(), random);
    Blob parts(2 * kMiB);
    for (const auto& [offset, length] : ranges) fill_piece(parts.view(), 99, offset, length);
    ASSERT_TRUE(std::ranges::equal(parts.bytes(), whole.bytes())) << "seed " << seed;
  }
}

TEST(Build, NothingButTheBlobIsWritten) {
  std::vector<uint8_t> memory(2 * kMiB + 128, 0xAB);
  BlobView view{memory.data() + 64, make_layout(2 * kMiB, 64).value(), 0};
  ASSERT_TRUE(build_blob(view, 3, {}, test::forwards));
  for (size_t i = 0; i < 64; ++i) {
    ASSERT_EQ(memory[i], 0xAB);
    ASSERT_EQ(memory[memory.size() - 1 - i], 0xAB);
  }
}

TEST(Build, AFileThatBecameShorterIsAnErrorThatNamesIt) {
  const TempFile file(file_b(15));
  Blob blob(3 * kMiB);
  const auto placed = place_files(blob.view().layout, std::vector{file.path()});
  ASSERT_TRUE(placed);
  ASSERT_EQ(truncate(file.path().c_str(), 1000), 0);
  const auto root = build_blob(blob.view(), 0, *placed, test::threads);
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().where, file.path());
  EXPECT_EQ(root.error().exit, Exit::kFailed);
}

TEST(Root, SplitsAtTheLargestPowerOfTwoBelowTheCount) {
  const auto node = [](const Sha256Digest& left, const Sha256Digest& right) {
    Sha256 sha;
    const uint8_t mark = 1;
    sha.update({&mark, 1});
    sha.update(left);
    sha.update(right);
    return sha.finish();
  };
  std::vector<Sha256Digest> l(7);
  for (size_t i = 0; i < l.size(); ++i) l[i].fill(static_cast<uint8_t>(i));
  EXPECT_EQ(merkle_root(std::span(l).first(1)), l[0]);
  EXPECT_EQ(merkle_root(std::span(l).first(3)), node(node(l[0], l[1]), l[2]));
  EXPECT_EQ(merkle_root(std::span(l).first(4)), node(node(l[0], l[1]), node(l[2], l[3])));
  EXPECT_EQ(merkle_root(l), node(node(node(l[0], l[1]), node(l[2], l[3])), node(node(l[4], l[5]), l[6])));
}

}  // namespace
}  // namespace pfs
