// One gram and the frames it becomes.
#include "gram/building/builder.hpp"

#include <gtest/gtest.h>

#include <random>

#include "built.hpp"

namespace pfs::test {
namespace {

TEST(Builder, EmptyGramIsOneFrame) {
  GramBuilder builder({}, kBlob);
  Frames frames(1500);
  ASSERT_TRUE(builder.build({}, frames));
  ASSERT_EQ(frames.payloads.size(), 1u);
  EXPECT_EQ(frames.payloads[0].size(), 64u);
  Rig rig;
  rig.take(frames.payloads[0]);
  ASSERT_EQ(rig.sink.given.size(), 1u);
  EXPECT_TRUE(rig.sink.given[0].table.empty());
}

TEST(Builder, SessionStandsInTheFirstFrameOfTheStreamAlone) {
  const FileUnit file{.size = 64, .name = "name"};
  GramBuilder builder({.session = 5}, kBlob);
  const Descriptor piece = blocks(1);
  for (const uint8_t second : {0xE3, 0xE1}) {
    Frames frames(1500);
    ASSERT_TRUE(builder.build({.pieces = {&piece, 1}, .file = &file}, frames));
    EXPECT_EQ(frames.payloads[0][16], 0xD0);
    EXPECT_EQ(frames.payloads[0][40], second);
  }
}

TEST(Builder, BlocksGoOutAsRunsAsTheyStand) {
  for (const bool prp : {false, true}) {
    GramBuilder builder({.payload_bytes = 64, .prp = prp, .key = 9}, kBlob);
    const std::vector<uint32_t> references = {5, 6, 7, 9, 8, 100, 101, 101, 16000, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    Table pieces;
    for (const uint32_t reference : references) pieces.push_back(blocks(reference));
    Frames frames(64);
    ASSERT_TRUE(builder.build({.blocks = references}, frames));
    EXPECT_EQ(frames.bytes(), 48 + references.size() * 4 + frames.payloads.size() * (16 + 1u))
        << "a run a frame, no extents";
    RigConfig config;
    config.assembler.streams = {{.id = 0, .key = 9}};
    Rig rig(config);
    for (const Bytes& payload : frames.payloads) rig.take(payload);
    ASSERT_EQ(rig.sink.given.size(), 1u);
    EXPECT_EQ(merged(rig.sink.given[0].table), merged(pieces));
  }
}

TEST(Builder, DigestIsOverTheDenotedBytesInOrder) {
  Bytes data(kBlobBytes);
  std::mt19937_64 rng(1);
  for (uint8_t& byte : data) byte = static_cast<uint8_t>(rng());
  const Bytes slab = {'b', 'c'};
  data[5000] = 'a';
  std::memcpy(data.data() + kL3 + 64, "123456789", 9);
  const Descriptor pieces[] = {blob_range(kL3 + 64, 9)};
  const Descriptor mixed[] = {blob_range(5000, 1), slab_range(0, 2)};
  BlobView blob = kBlob;
  blob.data = data.data();
  const auto digest = [&](DigestKind kind, std::span<const Descriptor> of) {
    GramBuilder builder({.digest = kind}, blob);
    Frames frames(1500);
    EXPECT_TRUE(builder.build({.pieces = of, .slab = slab.data()}, frames));
    return load_be<uint64_t>(&frames.payloads.at(0).back() - 7);
  };
  EXPECT_EQ(digest(DigestKind::kCrc32c, pieces), 0xE3069283u);
  EXPECT_EQ(digest(DigestKind::kCrc64, pieces), 0x6C40DF5F0B497347u);
  EXPECT_EQ(digest(DigestKind::kFnv1a64, mixed), 0xE71FA2190541574Bu) << "of \"abc\"";
  EXPECT_EQ(digest(DigestKind::kNone, pieces), 0u);
}

TEST(Builder, StreamGoesOnBehindAGramThatFoundNoMemory) {
  for (const size_t dry : {size_t{0}, size_t{3}}) {
    SCOPED_TRACE(testing::Message() << "no frame " << dry);
    GramBuilder builder({.payload_bytes = 100, .window_pow2 = 4}, kBlob);
    std::mt19937_64 rng(1);
    uint64_t slab_bytes = 0;
    const Table pieces = random_pieces(rng, 200, false, slab_bytes);
    Frames cut(100, dry);
    EXPECT_FALSE(builder.build({.pieces = pieces}, cut));
    EXPECT_FALSE(cut.open_now());
    EXPECT_EQ(builder.next_seq(), dry);
    EXPECT_EQ(builder.next_gram(), 1u);
    Frames whole(100);
    ASSERT_TRUE(builder.build({.pieces = pieces}, whole));
    Rig rig;
    for (const Bytes& payload : cut.payloads) rig.take(payload);
    for (const Bytes& payload : whole.payloads) rig.take(payload);
    ASSERT_EQ(rig.sink.given.size(), 1u);
    EXPECT_EQ(merged(rig.sink.given[0].table), merged(pieces));
    EXPECT_EQ(rig.dropped(Drop::kCrcMismatch), 0u);
    EXPECT_EQ(rig.counters().windows_broken.get(), 0u);
  }
}

TEST(Builder, GramOfMoreFramesThanGramEndCountsIsRefused) {
  // 6 references a frame of 41 bytes, none in the first and the last; no window ends.
  GramBuilder builder({.payload_bytes = 41, .window_pow2 = 31}, kBlob);
  const std::vector<uint32_t> most(size_t{65533} * 6, 7);
  Frames frames(41);
  EXPECT_TRUE(builder.build({.blocks = most}, frames));
  EXPECT_EQ(frames.payloads.size(), 65535u);
  const std::vector<uint32_t> more(most.size() + 1, 7);
  Frames too_many(41);
  EXPECT_FALSE(builder.build({.blocks = more}, too_many));
  EXPECT_FALSE(too_many.open_now());
  EXPECT_EQ(builder.next_gram(), 2u);
}

TEST(Builder, UnitThatNoFrameHoldsIsRefused) {
  const Descriptor odd = blob_range(3, 5);
  for (const bool smallest : {false, true}) {
    Frames frames(44);
    // EXTENTS of 24 bytes and the mark behind them do not fit behind a header.
    GramBuilder builder({.payload_bytes = 44, .window_pow2 = 0, .smallest = smallest}, kBlob);
    EXPECT_FALSE(builder.build({.pieces = {&odd, 1}}, frames));
    EXPECT_FALSE(frames.open_now());
    GramBuilder tiny({.payload_bytes = 39, .smallest = smallest}, kBlob);
    EXPECT_FALSE(tiny.build({}, frames));
  }
}

TEST(Builder, RangesBeyondWhatAnExtentSaysAreCut) {
  BlobView huge = kBlob;
  huge.layout.size = uint64_t{1} << 45;
  for (const bool smallest : {false, true}) {
    for (const uint64_t length : {uint64_t{1} << 32, (uint64_t{1} << 40) + 12345, uint64_t{0xFFFFFFFF}}) {
      const Descriptor pieces[] = {blob_range(77, length), blob_range(1, 1)};
      GramBuilder builder({.smallest = smallest}, huge);
      Frames frames(1500);
      ASSERT_TRUE(builder.build({.pieces = pieces}, frames));
      Rig rig;
      const uint64_t total = load_be<uint64_t>(&frames.payloads.back().back() - 15);
      EXPECT_EQ(total, length + 1);
    }
  }
}

}  // namespace
}  // namespace pfs::test
