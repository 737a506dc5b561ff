#include "gram/verifier.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <random>
#include <vector>

#include "gram/digest.hpp"

namespace pfs {
namespace {

std::vector<uint8_t> content(size_t bytes) {
  std::vector<uint8_t> out(bytes);
  for (size_t i = 0; i < bytes; ++i) out[i] = static_cast<uint8_t>(i * 7 + (i >> 8) * 13 + 1);
  return out;
}

uint64_t digest(DigestKind kind, std::span<const uint8_t> bytes) {
  Digest state(kind);
  state.update(bytes);
  return state.value();
}

class GramHolds : public testing::Test {
 protected:
  GramHolds() {
    view_.data = blob_.data();
    view_.layout.size = blob_.size();
    gram_.slab = slab_.data();
    gram_.table = {table_.data(), static_cast<uint32_t>(table_.size()), 3};
    gram_.bytes = 1000 + 7 + 64;
    gram_.frames = 2;
    gram_.head.total = gram_.bytes;
    gram_.end = {1, 2, 3, gram_.bytes, 0};
    std::vector<uint8_t> denoted(blob_.begin() + 3, blob_.begin() + 1003);
    denoted.insert(denoted.end(), slab_.begin() + 1, slab_.begin() + 8);
    denoted.insert(denoted.end(), blob_.begin(), blob_.begin() + 64);
    gram_.end.digest = digest(DigestKind::kFnv1a64, denoted);
  }

  bool holds() {
    std::array<bool, 1> held{};
    Gram* const gram = &gram_;
    Verifier(view_).judge({&gram, 1}, held);
    return held[0];
  }

  std::vector<uint8_t> blob_ = content(2000);
  std::vector<uint8_t> slab_ = content(9);
  std::vector<Descriptor> table_ = {blob_range(3, 1000), slab_range(1, 7), blob_range(0, 64)};
  BlobView view_;
  Gram gram_;
};

TEST_F(GramHolds, WhenEveryCountAndTheDigestHold) {
  EXPECT_TRUE(holds());
  gram_.head.total = 0;  // unknown yet
  EXPECT_TRUE(holds());
}

TEST_F(GramHolds, NotWithAnyCountOffByOne) {
  for (const int off : {-1, 1}) {
    gram_.end.frames = static_cast<uint16_t>(2 + off);
    EXPECT_FALSE(holds());
    gram_.end.frames = 2;
    gram_.end.descriptors = static_cast<uint32_t>(3 + off);
    EXPECT_FALSE(holds());
    gram_.end.descriptors = 3;
    gram_.end.bytes += static_cast<uint64_t>(off);
    EXPECT_FALSE(holds());
    gram_.end.bytes = gram_.bytes;
    gram_.head.total += static_cast<uint64_t>(off);
    EXPECT_FALSE(holds());
    gram_.head.total = gram_.bytes;
  }
  EXPECT_TRUE(holds());
}

TEST_F(GramHolds, NotWithOneByteChangedInBlobOrSlab) {
  blob_[1002] ^= 1;
  EXPECT_FALSE(holds());
  blob_[1002] ^= 1;
  slab_[7] ^= 0x80;
  EXPECT_FALSE(holds());
  slab_[7] ^= 0x80;
  slab_[0] ^= 1;  // not denoted
  EXPECT_TRUE(holds());
}

TEST_F(GramHolds, NotWithADigestKindNobodyKnows) {
  gram_.end.digest_kind = 4;
  EXPECT_FALSE(holds());
  gram_.end.digest_kind = 255;
  EXPECT_FALSE(holds());
}

TEST_F(GramHolds, WithoutADigestOnTheCountsAlone) {
  gram_.end.digest_kind = 0;
  EXPECT_TRUE(holds());
  gram_.end.frames = 1;
  EXPECT_FALSE(holds());
}

/// Grams of every digest kind over ranges of every length, some of them false in their digest or a count.
class ManyGrams : public testing::Test {
 protected:
  ManyGrams() { view_.data = blob_.data(), view_.layout.size = blob_.size(); }

  void add(std::mt19937& random) {
    std::vector<Descriptor>& table = tables_.emplace_back(random() % 200);
    const uint64_t longest = std::vector<uint64_t>{64, 600, 5000}[random() % 3];
    std::vector<uint8_t> denoted;
    for (Descriptor& range : table) {
      const bool in_slab = random() % 4 == 0;
      const std::vector<uint8_t>& space = in_slab ? slab_ : blob_;
      const uint64_t length = 1 + random() % longest;
      const uint64_t offset = random() % (space.size() - length + 1);
      range = in_slab ? slab_range(offset, length) : blob_range(offset, length);
      const auto from = space.begin() + static_cast<ptrdiff_t>(offset);
      denoted.insert(denoted.end(), from, from + static_cast<ptrdiff_t>(length));
    }
    Gram& gram = grams_.emplace_back();
    gram.slab = slab_.data();
    gram.table = {table.data(), static_cast<uint32_t>(table.size()), static_cast<uint32_t>(table.size())};
    gram.bytes = denoted.size();
    gram.frames = 3;
    const uint32_t kind = random() % 3 == 0 ? random() % 5 : 1;
    gram.end = {static_cast<uint8_t>(kind), 3, gram.table.count, gram.bytes, 0};
    if (kind <= 3) gram.end.digest = digest(static_cast<DigestKind>(kind), denoted);
    const uint32_t fault = random() % 8;
    if (fault == 1) gram.end.digest ^= 1;
    if (fault == 2) ++gram.end.bytes;
    if (fault == 3) gram.bare = true;
    expected_.push_back(gram.bare || (kind <= 3 && fault != 2 && (fault != 1 || kind == 0)));
  }

  std::vector<uint8_t> blob_ = content(70000);
  std::vector<uint8_t> slab_ = content(6000);
  BlobView view_;
  std::deque<std::vector<Descriptor>> tables_;
  std::deque<Gram> grams_;
  std::vector<bool> expected_;
};

TEST_F(ManyGrams, AreJudgedAsOneByOne) {
  Verifier verifier(view_);
  for (uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    tables_.clear(), grams_.clear(), expected_.clear();
    const size_t count = seed % 2 == 0 ? 1 + random() % 6 : 1 + random() % Verifier::kGramsMax;
    for (size_t i = 0; i < count; ++i) add(random);
    std::vector<Gram*> some;
    for (Gram& gram : grams_) some.push_back(&gram);
    std::array<bool, Verifier::kGramsMax> holds{};
    verifier.judge(some, holds);
    for (size_t i = 0; i < count; ++i) {
      EXPECT_EQ(holds[i], expected_[i]) << "gram " << i;
      bool alone = !expected_[i];
      verifier.judge({&some[i], 1}, {&alone, 1});
      EXPECT_EQ(alone, expected_[i]) << "gram " << i << " alone";
    }
  }
}

TEST_F(ManyGrams, AreJudgedInSlicesAsInOneGo) {
  Verifier verifier(view_);
  for (uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    tables_.clear(), grams_.clear(), expected_.clear();
    for (size_t i = 0; i < 20; ++i) add(random);
    std::vector<Gram*> open;
    for (Gram& gram : grams_) {
      Verifier::begin(gram);
      open.push_back(&gram);
    }
    const uint64_t slice = uint64_t{1} << (random() % 18);
    while (!open.empty()) {
      // Any of the open grams, in any company.
      std::shuffle(open.begin(), open.end(), random);
      verifier.advance(std::span(open).first(1 + random() % open.size()), slice);
      std::erase_if(open, [](const Gram* gram) { return gram->verification.verdict != Verification::Verdict::kOpen; });
    }
    for (size_t i = 0; i < grams_.size(); ++i) {
      EXPECT_EQ(grams_[i].verification.verdict == Verification::Verdict::kHolds, expected_[i])
          << "gram " << i << ", slices of " << slice << " bytes";
    }
  }
}

TEST(VerifierSlices, OfOneLongRangeAreNoLongerThanTheyMayBe) {
  const std::vector<uint8_t> blob = content(1 << 20);
  BlobView view;
  view.data = const_cast<uint8_t*>(blob.data());
  view.layout.size = blob.size();
  Descriptor table[] = {blob_range(0, blob.size()), blob_range(1, blob.size() - 1)};
  for (const DigestKind kind : {DigestKind::kFnv1a64, DigestKind::kCrc32c, DigestKind::kCrc64}) {
    Gram gram;
    gram.table = {table, 2, 2};
    gram.bytes = 2 * blob.size() - 1;
    gram.end = {static_cast<uint8_t>(kind), 0, 2, gram.bytes, 0};
    Verifier verifier(view);
    Verifier::begin(gram);
    Gram* const one = &gram;
    for (uint64_t before = gram.bytes; gram.verification.verdict == Verification::Verdict::kOpen;) {
      verifier.advance({&one, 1}, 64 << 10);
      uint64_t left = 0;
      for (const Descriptor& range : gram.verification.left.left()) left += range.length;
      left -= gram.verification.left.taken();
      ASSERT_LE(before - left, uint64_t{64} << 10);
      ASSERT_LT(left, before);
      before = left;
    }
  }
}

}  // namespace
}  // namespace pfs
