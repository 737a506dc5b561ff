#include "reduce/encode.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "blob/fill.hpp"
#include "gram/building/builder.hpp"
#include "support.hpp"

namespace pfs::reduce {
namespace {

using namespace test;

constexpr uint64_t kMiB = 1 << 20;

class Encode : public testing::Test {
 protected:
  Encode() : memory_(4 * kMiB) {
    view_.data = memory_.data();
    view_.layout = make_layout(4 * kMiB, 64).value();
    fill_piece(view_, 3, 0, 4 * kMiB);
  }

  std::vector<Descriptor> descriptors(std::span<const Piece> pieces) {
    std::vector<Descriptor> all(4 * pieces.size() + 64);
    DescriptorTable table{all.data(), 0, static_cast<uint32_t>(all.size())};
    PieceCursor cursor{pieces, 0};
    write_descriptors(cursor, view_.layout, UINT64_MAX, table);
    EXPECT_TRUE(cursor.left.empty());
    all.resize(table.count);
    return all;
  }

  Bytes replay(std::span<const Descriptor> table, std::span<const uint8_t> input) {
    Bytes bytes;
    for (const Descriptor& range : table) {
      const std::span<const uint8_t> space = range.in_blob() ? std::span<const uint8_t>(memory_) : input;
      append(bytes, space.subspan(range.offset, range.length));
    }
    return bytes;
  }

  /// Payload bytes of the grams that carry the input.
  uint64_t built(std::span<const Piece> pieces, const Bytes& input) {
    GramBuilder builder({.payload_bytes = 1478}, view_);
    CountingSink sink;
    const auto table = descriptors(pieces);
    EXPECT_TRUE(builder.build({.pieces = table, .slab = input.data()}, sink));
    return sink.bytes;
  }

  /// Pieces of an input with short and long copies, aligned and not, zeros and literals; and that input.
  std::vector<Piece> random_pieces(uint64_t seed, Bytes& input) {
    std::mt19937_64 random(seed);
    std::vector<Piece> pieces;
    PieceTable table{nullptr, 0, 300};
    pieces.resize(300);
    table.data = pieces.data();
    while (table.count < 250) {
      const uint64_t kind = random() % 7;
      const uint64_t length = 1 + random() % (random() % 8 == 0 ? 5000 : 90);
      if (kind < 3) {
        const Bytes fresh = random_bytes(length, random());
        table.push(0, make_piece(PieceKind::kLiteral, input.size(), length));
        append(input, fresh);
      } else if (kind == 3) {
        table.push(0, make_piece(PieceKind::kZeros, 0, length));
        input.resize(input.size() + length);
      } else {
        const bool aligned = kind == 4;
        const uint64_t bytes = aligned ? (1 + length / 64) * 64 : length;
        const uint64_t from = kMiB + (aligned ? random() % 10000 * 64 : random() % 3000000);
        table.push(0, make_piece(PieceKind::kCopy, from, bytes));
        append(input, std::span(memory_).subspan(from, bytes));
      }
    }
    pieces.resize(table.count);
    return pieces;
  }

  Bytes memory_;
  BlobView view_;
};

TEST_F(Encode, DescriptorsDenoteTheInput) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    Bytes input;
    const auto pieces = random_pieces(seed, input);
    ASSERT_EQ(replay(descriptors(pieces), input), input) << "seed " << seed;
  }
}

TEST_F(Encode, AnyCutIntoGramsDenotesTheInput) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    std::mt19937_64 random(seed);
    Bytes input;
    const auto pieces = random_pieces(seed, input);
    PieceCursor cursor{pieces, 0};
    Bytes replayed;
    while (!cursor.left.empty()) {
      std::array<Descriptor, 9> room;
      DescriptorTable table{room.data(), 0, static_cast<uint32_t>(1 + random() % room.size())};
      const uint64_t most = 1 + random() % 3000;
      const uint64_t done = write_descriptors(cursor, view_.layout, most, table);
      ASSERT_GT(done, 0u);
      ASSERT_LE(done, most);
      append(replayed, replay({room.data(), table.count}, input));
    }
    ASSERT_EQ(replayed, input) << "seed " << seed;
  }
}

TEST_F(Encode, ZerosAreReferencesToTheZerosOfEveryBlob) {
  const ZeroGap gap = zero_gap(view_.layout);
  for (uint64_t i = 0; i < gap.bytes; ++i) ASSERT_EQ(memory_[gap.offset + i], 0);
  const Bytes input(3000000);
  const Piece zeros = make_piece(PieceKind::kZeros, 0, input.size());
  EXPECT_EQ(replay(descriptors({&zeros, 1}), input), input);
  EXPECT_LT(built({&zeros, 1}, input), 150u);  // header, GRAM, GRAM_END, and one EXTENTS of a few ranges
}

TEST_F(Encode, WhatIsDroppedLeavesTheSameInputAndNeverALargerGram) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Bytes input;
    auto pieces = random_pieces(seed, input);
    const uint64_t before = built(pieces, input);
    const size_t count = drop_costly(pieces, view_.layout, {});
    ASSERT_LE(count, pieces.size());
    pieces.resize(count);
    for (size_t i = 1; i < count; ++i) ASSERT_FALSE(goes_on(pieces[i - 1], pieces[i]));
    ASSERT_EQ(replay(descriptors(pieces), input), input) << "seed " << seed;
    // A frame's end may fall a little worse.
    ASSERT_LE(built(pieces, input), before + before / 100 + 30) << "seed " << seed;
  }
}

TEST_F(Encode, AShortCopyBetweenLiteralsIsDroppedAndALongOneIsNot) {
  for (const uint64_t length : {8, 20, 27, 28, 100}) {
    std::vector<Piece> pieces = {make_piece(PieceKind::kLiteral, 0, 100),
                                 make_piece(PieceKind::kCopy, kMiB + 1, length),
                                 make_piece(PieceKind::kLiteral, 100 + length, 100)};
    const size_t count = drop_costly(pieces, view_.layout, {});
    EXPECT_EQ(count, length <= 27 ? 1u : 3u) << length;  // an EXTENTS of 24 bytes, and a second literal's head of 3
    if (count == 1) {
      EXPECT_EQ(pieces[0], make_piece(PieceKind::kLiteral, 0, 200 + length));
    }
  }
}

TEST_F(Encode, AnAlignedBlockIsAReferenceOfFiveBytes) {
  std::vector<Piece> pieces = {make_piece(PieceKind::kLiteral, 0, 100), make_piece(PieceKind::kCopy, kMiB + 640, 64),
                               make_piece(PieceKind::kLiteral, 164, 100)};
  EXPECT_EQ(drop_costly(pieces, view_.layout, {.copy = 90}), 3u);
}

}  // namespace
}  // namespace pfs::reduce
