#include "reduce/literals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "reduce/byte_groups.hpp"
#include "reduce/entropy.hpp"
#include "reduce/expected.hpp"
#include "support.hpp"

namespace pfs::reduce {
namespace {

using namespace test;

constexpr LiteralRules kRules = {.bytes = 300000, .expected = 400000, .level = 1};

Bytes text(size_t count, uint64_t seed) {
  static constexpr const char* kWords[] = {"the ",  "packet ", "carries ", "references ", "into ", "a ",
                                           "blob ", "that ",   "both ",    "ends ",       "hold\n"};
  std::mt19937_64 random(seed);
  Bytes bytes;
  while (bytes.size() < count) {
    const std::string_view word = kWords[random() % std::size(kWords)];
    bytes.insert(bytes.end(), word.begin(), word.end());
  }
  bytes.resize(count);
  return bytes;
}

template <class Number>
Bytes numbers(size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal(0, 0.02F);
  Bytes bytes(count * sizeof(Number));
  for (size_t i = 0; i < count; ++i) {
    const float value = normal(random);
    uint32_t word;
    std::memcpy(&word, &value, 4);
    word >>= 32 - 8 * sizeof(Number);  // of two bytes: bfloat16
    std::memcpy(&bytes[i * sizeof(Number)], &word, sizeof(Number));
  }
  return bytes;
}

class Literals : public testing::Test {
 protected:
  /// Encodes, decodes, compares; returns how many bytes were written.
  size_t round_trip(std::span<const uint8_t> literals, std::span<const uint8_t> expected = {},
                    LiteralForm* form = nullptr) {
    const auto written = encoder_.encode(literals, expected);
    EXPECT_LE(written.bytes.size(), literals.size());
    if (form != nullptr) *form = written.form;
    Bytes out(literals.size(), 0xAA);
    EXPECT_TRUE(decoder_.decode(written.form, written.bytes, expected, out));
    EXPECT_TRUE(std::equal(out.begin(), out.end(), literals.begin()));
    return written.bytes.size();
  }

  LiteralEncoder encoder_ = LiteralEncoder::create(kRules).value();
  LiteralDecoder decoder_ = LiteralDecoder::create(kRules).value();
};

TEST_F(Literals, AreReadAsTheyWereWritten) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 random(seed);
    const size_t bytes = random() % (seed % 4 == 0 ? kRules.bytes : 3000);
    const Bytes literals = seed % 3 == 0 ? random_bytes(bytes, seed) : mixed_bytes(bytes, seed);
    const Bytes expected = seed % 2 == 0 ? edited(literals, seed, 20) : Bytes{};
    round_trip(literals, std::span(expected).first(std::min<size_t>(expected.size(), kRules.expected)));
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
  round_trip(mixed_bytes(kRules.bytes, 1), mixed_bytes(kRules.expected, 2));
  round_trip({});
}

TEST_F(Literals, TextShrinksAndMoreSoAgainstWhatWasThereBefore) {
  EXPECT_LT(round_trip(text(100000, 1)), 33000u);
  Bytes letters = random_bytes(100000, 1);
  for (uint8_t& letter : letters) letter = static_cast<uint8_t>('a' + letter % 16);
  const size_t alone = round_trip(letters);
  EXPECT_LT(alone, 60000u);
  EXPECT_LT(round_trip(letters, edited(letters, 2, 100)), alone / 2);
}

TEST_F(Literals, RandomBytesStayAsTheyAre) {
  for (const size_t bytes : {64, 512, 1000, 4096, 10000, 262144}) {
    for (uint64_t seed = 0; seed < 40; ++seed) {
      LiteralForm form = LiteralForm::kZstd;
      EXPECT_EQ(round_trip(random_bytes(bytes, seed), {}, &form), bytes);
      EXPECT_EQ(form, LiteralForm::kPlain);
    }
  }
}

TEST_F(Literals, RepetitionsOfRandomBytesAreFoundSoonerOrLater) {
  Bytes literals = random_bytes(50000, 3);
  append(literals, Bytes(literals));
  size_t least = SIZE_MAX;
  for (int i = 0; i < 40; ++i) least = std::min(least, round_trip(literals));
  EXPECT_LT(least, literals.size() * 6 / 10);
}

TEST_F(Literals, FloatsAreGrouped) {
  LiteralForm form = LiteralForm::kPlain;
  const Bytes singles = numbers<uint32_t>(50000, 1);
  EXPECT_LT(round_trip(singles, {}, &form), singles.size() * 90 / 100);
  EXPECT_EQ(form, LiteralForm::kZstdOfFour);
  const Bytes brains = numbers<uint16_t>(50000, 2);
  EXPECT_LT(round_trip(brains, {}, &form), brains.size() * 80 / 100);
  EXPECT_NE(form, LiteralForm::kPlain);
  const Bytes words = text(100000, 3);
  round_trip(words, {}, &form);
  EXPECT_EQ(form, LiteralForm::kZstd);
}

TEST_F(Literals, ExpectedBytesThatLookLikeADictionaryOfZstdsAreBytes) {
  const Bytes literals = text(20000, 4);
  Bytes expected = {0x37, 0xA4, 0x30, 0xEC, 1, 2, 3, 4};
  append(expected, literals);
  EXPECT_LT(round_trip(literals, expected), 200u);
}

TEST_F(Literals, WhateverAStrangerWritesFillsNoMoreThanTheRoom) {
  const Bytes literals = text(5000, 5);
  const Bytes expected = edited(literals, 1, 20);
  const auto first = encoder_.encode(literals, expected);
  const Bytes written(first.bytes.begin(), first.bytes.end());
  Bytes out(literals.size());
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    std::mt19937_64 random(seed);
    Bytes hostile = written;
    for (uint64_t i = 1 + random() % 4; i-- > 0;) hostile[random() % hostile.size()] = static_cast<uint8_t>(random());
    if (seed % 3 == 0) hostile.resize(random() % hostile.size());
    out.assign(seed % 2 == 0 ? literals.size() : random() % 6000, 0);  // a sanitizer watches its ends
    out.shrink_to_fit();
    decoder_.decode(static_cast<LiteralForm>(random() % 6), hostile, expected, out);
  }
  EXPECT_FALSE(decoder_.decode(LiteralForm::kZstd, written, expected, std::span(out).first(0)));
  out.resize(literals.size() + 1);
  EXPECT_FALSE(decoder_.decode(LiteralForm::kZstd, written, expected, out));
  out.resize(literals.size());
  EXPECT_TRUE(decoder_.decode(LiteralForm::kZstd, written, expected, out));  // the context is as good as before
  EXPECT_EQ(out, literals);
}

TEST(ByteGroups, ComeBackWhateverTheLength) {
  for (const uint32_t width : {2u, 4u}) {
    for (size_t bytes = 0; bytes < 70; ++bytes) {
      const Bytes in = random_bytes(bytes, bytes);
      Bytes grouped(bytes);
      Bytes out(bytes);
      group_bytes(in, width, grouped.data());
      ungroup_bytes(grouped, width, out.data());
      ASSERT_EQ(out, in);
    }
  }
  const Bytes in = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  Bytes out(9);
  group_bytes(in, 4, out.data());
  EXPECT_EQ(out, (Bytes{1, 5, 2, 6, 3, 7, 4, 8, 9}));
}

TEST(Entropy, OfASampleIsNearTheWhole) {
  for (uint64_t seed = 1; seed < 50; ++seed) {
    const Sampled random = sample_entropy(random_bytes(100000, seed));
    EXPECT_NEAR(random.plain, 8, 0.02);
    EXPECT_NEAR(random.of_four, 8, 0.1);
  }
  EXPECT_NEAR(sample_entropy(Bytes(5000, 7)).plain, 0, 0.01);
  Bytes two(100000);
  for (size_t i = 0; i < two.size(); ++i) two[i] = i % 2 == 0 ? 0 : static_cast<uint8_t>(splitmix_mix(i));
  EXPECT_NEAR(sample_entropy(two).plain, 5, 0.1);  // 1 bit which of both, and 4 more
  EXPECT_NEAR(sample_entropy(two).of_two, 4, 0.1);
  EXPECT_EQ(sample_entropy(Bytes(511)).plain, 0);
}

class Expected : public testing::Test {
 protected:
  Expected() : memory_(random_bytes(2 << 20, 1)) {
    view_.data = memory_.data();
    view_.layout = make_layout(2 << 20, 64).value();
  }
  Bytes gather(std::span<const Descriptor> table, size_t room = 1 << 20) {
    Bytes out(room);
    out.resize(gather_expected(table, view_, out));
    return out;
  }
  Bytes part(uint64_t from, uint64_t bytes) {
    return {memory_.begin() + static_cast<ptrdiff_t>(from), memory_.begin() + static_cast<ptrdiff_t>(from + bytes)};
  }
  Bytes memory_;
  BlobView view_;
};

TEST_F(Expected, AreWhatStandsBehindTheRangeBefore) {
  const uint64_t at = (1 << 20) + 1000;
  const std::vector<Descriptor> table = {slab_range(0, 50), blob_range(at, 100), slab_range(50, 80),
                                         blob_range(at + 500, 10)};
  EXPECT_EQ(gather(table), part(at + 100, 80 + 10 + 64));
  EXPECT_EQ(gather(table, 33), part(at + 100, 33));
}

TEST_F(Expected, AreTheSameHoweverTheTableIsSplit) {
  const uint64_t at = (1 << 20) + 1000;
  const std::vector<Descriptor> whole = {blob_range(at, 100), slab_range(0, 80), blob_range(at + 900, 10),
                                         slab_range(80, 8)};
  const std::vector<Descriptor> split = {blob_range(at, 60), blob_range(at + 60, 40),  slab_range(0, 1),
                                         slab_range(1, 79),  blob_range(at + 900, 10), slab_range(80, 8)};
  EXPECT_EQ(gather(split), gather(whole));
}

TEST_F(Expected, EndWithTheBlobAndKnowNoPlaceBeforeL3) {
  const uint64_t size = memory_.size();
  EXPECT_EQ(gather(std::vector<Descriptor>{blob_range(size - 100, 70), slab_range(0, 500)}), part(size - 30, 30));
  EXPECT_EQ(gather(std::vector<Descriptor>{blob_range(size - 100, 100), slab_range(0, 500)}), Bytes{});
  EXPECT_EQ(gather(std::vector<Descriptor>{blob_range(600000, 100), slab_range(0, 500)}), Bytes{});
}

}  // namespace
}  // namespace pfs::reduce
