#include "reduce/matcher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "reduce/common_length.hpp"
#include "support.hpp"

namespace pfs::reduce {
namespace {

using namespace test;

const Chunker kChunker;

/// Bytes by the kind of their pieces.
struct Sums {
  uint64_t copy = 0;
  uint64_t literal = 0;
  uint64_t zeros = 0;
  size_t pieces = 0;
};

/// Matches all of `input` with tables of `capacity` and checks that replaying the pieces gives the input.
Sums match(std::span<const uint8_t> blob, std::span<const uint8_t> input, size_t capacity = 1 << 16,
           size_t call = SIZE_MAX) {
  const ChunkIndex index = index_of(blob, kChunker);
  Matcher matcher(blob, index, kChunker);
  std::vector<Piece> room(capacity);
  Sums sums;
  size_t at = 0;
  size_t calls = 0;
  while (at < input.size()) {
    const std::span<const uint8_t> part = input.subspan(at, std::min(call, input.size() - at));
    PieceTable table{room.data(), 0, capacity};
    const size_t done = matcher.match(part, table);
    EXPECT_TRUE(done == part.size() || table.count == capacity);
    EXPECT_GT(done, 0u) << "no progress with " << capacity;
    if (done == 0 || ++calls > 4 * input.size()) break;
    Bytes replayed;
    for (size_t i = 0; i < table.count; ++i) {
      const Piece& piece = room[i];
      EXPECT_GT(piece.length, 0u);
      EXPECT_FALSE(i > 0 && goes_on(room[i - 1], piece)) << "not merged, piece " << i;
      const uint64_t length = piece.length;
      if (piece.is(PieceKind::kCopy)) {
        if (!inside(piece.from, length, blob.size())) return ADD_FAILURE() << "beyond the blob", sums;
        EXPECT_GE(length, kLeastCopy);
        append(replayed, blob.subspan(piece.from, length));
        sums.copy += length;
      } else if (piece.is(PieceKind::kLiteral)) {
        EXPECT_EQ(piece.from, replayed.size());
        if (!inside(piece.from, length, part.size())) return ADD_FAILURE() << "beyond the input", sums;
        append(replayed, part.subspan(piece.from, length));
        sums.literal += length;
      } else {
        EXPECT_EQ(piece.from, 0u);
        replayed.resize(replayed.size() + length);
        sums.zeros += length;
      }
    }
    EXPECT_TRUE(replayed.size() == done && std::equal(replayed.begin(), replayed.end(), part.begin()));
    sums.pieces += table.count;
    at += done;
    if (testing::Test::HasFailure()) break;
  }
  return sums;
}

TEST(Matcher, ReplayingThePiecesGivesTheInputWhateverItIs) {
  for (uint64_t seed = 1; seed <= 120; ++seed) {
    std::mt19937_64 random(seed);
    const Bytes blob =
        seed % 2 == 0 ? mixed_bytes(1 + random() % 200000, seed) : random_bytes(1 + random() % 200000, seed);
    Bytes input = edited(blob, seed, random() % 200);
    if (seed % 3 == 0) append(input, mixed_bytes(random() % 30000, seed + 1));
    match(blob, input);
    match(blob, input, 1 + random() % 5, 1 + random() % 20000);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(Matcher, ReplayingThePiecesGivesAdversarialInput) {
  const Bytes noise = random_bytes(100000, 1);
  std::vector<Bytes> all = {Bytes(100000), Bytes(100000, 0xFF), noise, {}, {1}, Bytes(31), Bytes(64), Bytes(65)};
  for (const size_t period : {1, 2, 7, 16, 63, 64, 65, 255, 256, 1000, 4096, 5000}) {
    Bytes text;
    while (text.size() < 100000) append(text, std::span(noise).first(period));
    all.push_back(text);
    text.insert(text.begin() + 33333, 9);
    all.push_back(text);
  }
  Bytes holes = noise;  // with runs of zeros of all lengths around the least one
  for (size_t i = 0; i < 200; ++i) std::fill_n(holes.begin() + static_cast<ptrdiff_t>(i * 400), i, 0);
  all.push_back(holes);
  for (size_t blob = 0; blob < all.size(); ++blob) {
    for (size_t input = 0; input < all.size(); ++input) {
      match(all[blob], all[input]);
      ASSERT_FALSE(testing::Test::HasFailure()) << "blob " << blob << ", input " << input;
    }
  }
}

TEST(Matcher, AByteInTheFrontLeavesAllButAThousandthReferenced) {
  Bytes blob = mixed_bytes(4 << 20, 4);
  Bytes input = blob;
  input.insert(input.begin(), 0x5A);
  const Sums sums = match(blob, input);
  EXPECT_GT(static_cast<double>(sums.copy + sums.zeros), 0.999 * static_cast<double>(input.size()));
  EXPECT_LE(sums.pieces, 8u);
}

TEST(Matcher, AnInputThatTheBlobHoldsIsOneCopy) {
  const Bytes blob = random_bytes(1 << 20, 7);
  const std::span<const uint8_t> all = blob;
  EXPECT_EQ(match(blob, blob).pieces, 1u);
  const Sums part = match(blob, all.subspan(300001, 500000));
  EXPECT_LE(part.literal, kChunker.most());  // before the first cut that both have, nothing tells where the part lies
  EXPECT_LE(part.pieces, 2u);
}

TEST(Matcher, ShuffledBlocksAreFound) {
  const Bytes blob = random_bytes(4 << 20, 8);
  std::vector<size_t> order(1024);
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::mt19937_64 random(1);
  std::shuffle(order.begin(), order.end(), random);
  Bytes input;
  for (const size_t block : order) append(input, std::span(blob).subspan(block * 4096, 4096));
  const Sums sums = match(blob, input);
  EXPECT_GT(static_cast<double>(sums.copy), 0.93 * static_cast<double>(input.size()));  // a block may hold no cut
}

TEST(Matcher, BytesReplacedInPlaceCostThemselvesAlone) {
  const Bytes blob = random_bytes(1 << 20, 9);
  Bytes input = blob;
  for (size_t at = 1000; at + 200 < input.size(); at += 173) input[at] ^= 0x11;  // several to a chunk
  const Sums sums = match(blob, input);
  EXPECT_LE(sums.literal, input.size() / 173 + 4096);
}

TEST(Matcher, TheSameCopyGoesOnInTheNextCall) {
  const Bytes blob = random_bytes(1 << 20, 10);
  // Calls are too short for a chunk: only the place where the last call ended tells where to look.
  Bytes input(blob.begin() + 5, blob.end());
  const Sums sums = match(blob, input, 1 << 16, 100);
  EXPECT_EQ(sums.copy, 0u);  // nothing was ever found ...
  const ChunkIndex index = index_of(blob, kChunker);
  Matcher matcher(blob, index, kChunker);
  std::vector<Piece> room(64);
  PieceTable table{room.data(), 0, room.size()};
  const std::span<const uint8_t> all = input;
  matcher.match(all.first(10000), table);
  for (size_t at = 10000; at + 100 <= 200000; at += 100) {  // ... but behind a first match all is
    table.count = 0;
    ASSERT_EQ(matcher.match(all.subspan(at, 100), table), 100u);
    ASSERT_EQ(table.count, 1u);
    ASSERT_EQ(room[0], make_piece(PieceKind::kCopy, at + 5, 100));
  }
}

TEST(Matcher, ALongerMatchTakesThePlaceOfShorterOnesBeforeIt) {
  // The blob holds the input's beginning twice: first in two parts, and further on in one with what follows.
  const Bytes a = random_bytes(3000, 11);
  const Bytes more = random_bytes(6000, 12);
  Bytes blob = a;
  append(blob, random_bytes(5000, 13));
  append(blob, a);
  append(blob, more);
  Bytes input = a;
  append(input, more);
  const Sums sums = match(blob, input);
  EXPECT_EQ(sums.pieces, 1u);
  EXPECT_EQ(sums.copy, input.size());
}

TEST(Matcher, WhatIsLeftOfATrimmedMatchIsNoCopyIfItIsShort) {
  const Bytes all = random_bytes(9000, 22);
  const size_t cut = kChunker.length(all.data(), all.size());
  for (const size_t rest :
       {10, 23, 24, 30}) {  // the last chunk, which the blob has elsewhere behind 40 of the bytes before it
    const Bytes input(all.begin(), all.begin() + static_cast<ptrdiff_t>(cut + rest));
    Bytes blob(input.begin(), input.begin() + static_cast<ptrdiff_t>(cut));
    append(blob, random_bytes(500, 23));
    append(blob, std::span(input).subspan(cut - 40));
    ChunkIndex index = ChunkIndex::create(16).value();
    index.insert(chunk_key(input.data(), cut), 0);
    index.insert(chunk_key(&input[cut], rest), blob.size() - rest);
    Matcher matcher(blob, index, kChunker);
    std::vector<Piece> room(16);
    PieceTable table{room.data(), 0, room.size()};
    ASSERT_EQ(matcher.match(input, table), input.size());
    ASSERT_EQ(table.count, 2u);
    EXPECT_EQ(room[0], make_piece(PieceKind::kCopy, 0, cut));
    EXPECT_EQ(room[1].kind(), rest < kLeastCopy ? PieceKind::kLiteral : PieceKind::kCopy) << rest;
  }
}

TEST(Matcher, ZerosAreNeitherLiteralNorLookedUp) {
  const Bytes blob = random_bytes(100000, 14);
  Bytes input = random_bytes(1000, 15);
  input.resize(5000000);
  append(input, random_bytes(1000, 16));
  const Sums sums = match(blob, input);
  EXPECT_EQ(sums.literal, 2000u);
  EXPECT_EQ(sums.pieces, 3u);
}

TEST(Matcher, EveryRunOfZerosFrom64BytesOnIsNoLiteral) {
  const Bytes blob = random_bytes(100000, 20);
  for (size_t zeros = 1; zeros <= 300; ++zeros) {
    for (const size_t before : {1, 31, 33, 500}) {
      for (const size_t behind : {0, 1, 31, 700}) {
        Bytes input(before, 1);
        input.resize(before + zeros);
        input.resize(before + zeros + behind, 1);
        const Sums sums = match(blob, input);
        ASSERT_EQ(sums.zeros, zeros >= 64 ? zeros : 0) << zeros << " zeros behind " << before << ", before " << behind;
      }
    }
  }
}

TEST(Matcher, AMatchEndsWhereTheBlobDoes) {
  const Bytes all = random_bytes(100000, 21);  // what stands behind the blob's end is not the blob's
  for (const size_t blob : {50000, 50001, 50063, 99999}) {
    const Sums sums = match(std::span(all).first(blob), all);
    EXPECT_EQ(sums.copy, blob);
    EXPECT_EQ(sums.literal, all.size() - blob);
  }
}

TEST(Matcher, AKeyThatSpeaksOfOtherBytesIsNoMatch) {
  const Bytes blob = random_bytes(100000, 17);
  const Bytes input = random_bytes(100000, 18);
  ChunkIndex index = ChunkIndex::create(1000).value();
  for (size_t at = 0; at < input.size();) {  // the blob changed under the index, or is shorter than it was
    const size_t length = kChunker.length(input.data() + at, input.size() - at);
    index.insert(chunk_key(input.data() + at, length), at % 3 == 0 ? 99990 : at % 3 == 1 ? at : 1 << 30);
    at += length;
  }
  Matcher matcher(blob, index, kChunker);
  std::vector<Piece> room(64);
  PieceTable table{room.data(), 0, room.size()};
  ASSERT_EQ(matcher.match(input, table), input.size());
  ASSERT_EQ(table.count, 1u);
  EXPECT_EQ(room[0], make_piece(PieceKind::kLiteral, 0, input.size()));
}

TEST(CommonLength, IsWhatAPlainLoopSays) {
  const Bytes a = random_bytes(200, 19);
  for (size_t most = 0; most <= 100; ++most) {
    for (size_t differs = 0; differs <= most; ++differs) {
      Bytes b = a;
      b[50 + differs] ^= 0x80;
      ASSERT_EQ(equal_ahead(&a[50], &b[50], most), std::min(differs, most)) << most << " " << differs;
      b = a;
      b[149 - differs] ^= 1;
      ASSERT_EQ(equal_behind(&a[150], &b[150], most), std::min(differs, most)) << most << " " << differs;
      Bytes zeros(most);
      if (differs < most) zeros[differs] = 1;
      ASSERT_EQ(zeros_ahead(zeros.data(), most), std::min(differs, most)) << most << " " << differs;
    }
  }
}

}  // namespace
}  // namespace pfs::reduce
