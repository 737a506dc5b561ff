// From a file and a blob to what travels, and back: what a sender and a receiver do together.
#include <gtest/gtest.h>

#include <algorithm>

#include "blob/fill.hpp"
#include "reduce/encode.hpp"
#include "reduce/expected.hpp"
#include "reduce/literals.hpp"
#include "support.hpp"

namespace pfs::reduce {
namespace {

using namespace test;

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kGram = 64 << 10;

/// Sends `file` gram by gram to one who has the blob, and gives what arrives. `sent` becomes the bytes of literals.
Bytes transfer(const BlobView& blob, const ChunkIndex& index, const Chunker& chunker, const Bytes& file,
               uint64_t& sent) {
  const LiteralRules rules = {.bytes = kGram, .expected = 2 * kGram, .level = 1};
  LiteralEncoder encoder = LiteralEncoder::create(rules).value();
  LiteralDecoder decoder = LiteralDecoder::create(rules).value();
  Matcher matcher({blob.data, blob.layout.size}, index, chunker);
  std::vector<Piece> room(kGram / 16);
  std::vector<Descriptor> descriptors(kGram / 16);
  Bytes arrived;
  for (size_t at = 0; at < file.size();) {
    const auto part = std::span(file).subspan(at, std::min<size_t>(kGram, file.size() - at));
    PieceTable pieces{room.data(), 0, room.size()};
    const size_t done = matcher.match(part, pieces);
    at += done;
    pieces.count =
        drop_costly({pieces.data, pieces.count}, blob.layout, {.copy = 6, .literal = 0, .literal_of_256 = 90});
    PieceCursor cursor{{pieces.data, pieces.count}, 0};
    DescriptorTable table{descriptors.data(), 0, static_cast<uint32_t>(descriptors.size())};
    EXPECT_EQ(write_descriptors(cursor, blob.layout, UINT64_MAX, table), done);
    Bytes slab;
    for (uint32_t i = 0; i < table.count; ++i) {
      Descriptor& range = descriptors[i];
      if (range.in_blob()) continue;
      append(slab, part.subspan(range.offset, range.length));
      range.offset = slab.size() - range.length;  // as the receiver's table has it
    }
    Bytes room_of_sender(rules.expected);
    const size_t known = gather_expected({table.data, table.count}, blob, room_of_sender);
    const auto written = encoder.encode(slab, std::span(room_of_sender).first(known));
    sent += written.bytes.size();

    Bytes room_of_receiver(rules.expected);
    const size_t also = gather_expected({table.data, table.count}, blob, room_of_receiver);
    Bytes literals(slab.size());
    EXPECT_TRUE(decoder.decode(written.form, written.bytes, std::span(room_of_receiver).first(also), literals));
    for (uint32_t i = 0; i < table.count; ++i) {
      const Descriptor& range = descriptors[i];
      append(arrived, range.in_blob() ? std::span<const uint8_t>(blob.data + range.offset, range.length)
                                      : std::span<const uint8_t>(literals).subspan(range.offset, range.length));
    }
  }
  return arrived;
}

TEST(Reduce, WhatTheReceiverPutsTogetherIsTheFile) {
  const Chunker chunker;
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    std::mt19937_64 random(seed);
    Bytes memory(3 * kMiB);
    BlobView blob{.data = memory.data(), .layout = make_layout(3 * kMiB, 64).value()};
    fill_piece(blob, seed, 0, 3 * kMiB);
    const Bytes older = mixed_bytes(1 + random() % kMiB, seed);
    std::copy(older.begin(), older.end(), memory.begin() + kMiB);
    const ChunkIndex index = index_of({memory.data(), memory.size()}, chunker, kMiB);
    const Bytes newer = edited(older, seed, random() % 400);
    uint64_t sent = 0;
    ASSERT_EQ(transfer(blob, index, chunker, newer, sent), newer) << "seed " << seed;
    uint64_t alone = 0;
    ASSERT_EQ(transfer(blob, ChunkIndex::create(1).value(), chunker, newer, alone), newer) << "seed " << seed;
    EXPECT_LE(sent, alone + alone / 100) << "seed " << seed;
  }
}

TEST(Reduce, RandomBytesTakeNoMoreThanTheirSize) {
  const Chunker chunker;
  Bytes memory(3 * kMiB);
  BlobView blob{.data = memory.data(), .layout = make_layout(3 * kMiB, 64).value()};
  fill_piece(blob, 1, 0, 3 * kMiB);
  const ChunkIndex index = index_of({memory.data(), memory.size()}, chunker, kMiB);
  const Bytes file = random_bytes(kMiB, 99);
  uint64_t sent = 0;
  EXPECT_EQ(transfer(blob, index, chunker, file, sent), file);
  EXPECT_EQ(sent, file.size());
}

}  // namespace
}  // namespace pfs::reduce
