#include "gram/builder.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "rig.hpp"
#include "wire/walk.hpp"

namespace pfs::test {
namespace {

/// Keeps what was built. Each frame has exactly the mtu's bytes on the heap: a byte behind them is the sanitizer's to
/// see. Refuses the frame numbered `dry`.
class Frames final : public FrameSink {
 public:
  explicit Frames(uint32_t mtu, size_t dry = SIZE_MAX) : mtu_(mtu), dry_(dry) {}
  std::span<uint8_t> open() noexcept override {
    EXPECT_EQ(room_, nullptr) << "opened before the one before was closed";
    if (payloads.size() == dry_) return {};
    room_ = std::make_unique<uint8_t[]>(mtu_);
    return {room_.get(), mtu_};
  }
  void close(uint32_t bytes) noexcept override {
    EXPECT_NE(room_, nullptr);
    EXPECT_LE(bytes, mtu_);
    if (bytes > 0) payloads.emplace_back(room_.get(), room_.get() + bytes);
    room_ = nullptr;
  }
  [[nodiscard]] size_t bytes() const {
    size_t sum = 0;
    for (const Bytes& payload : payloads) sum += payload.size();
    return sum;
  }
  [[nodiscard]] bool open_now() const { return room_ != nullptr; }
  std::vector<Bytes> payloads;

 private:
  uint32_t mtu_;
  size_t dry_;
  std::unique_ptr<uint8_t[]> room_;
};

using Table = std::vector<Descriptor>;

Table merged(const Table& table) {
  Table out;
  for (const Descriptor& range : table) {
    if (!out.empty() && out.back().space == range.space && out.back().offset + out.back().length == range.offset) {
      out.back().length = out.back().length + range.length;
    } else {
      out.push_back(range);
    }
  }
  return out;
}

/// Pieces of every kind, in stretches: bytes, words, blocks, strides, anything, and literals.
Table random_pieces(std::mt19937_64& rng, size_t count, bool literals, uint64_t& slab_bytes) {
  Table pieces;
  slab_bytes = 0;
  const auto below = [&](uint64_t bound) { return rng() % bound; };
  while (pieces.size() < count) {
    const uint64_t stretch = 1 + below(70);
    const uint64_t base = below(kBlobBytes / 2);
    const uint64_t step = 1 + below(2000);
    const uint64_t kind = below(literals ? 6 : 5);
    for (uint64_t i = 0; i < stretch && pieces.size() < count; ++i) {
      if (kind == 0) pieces.push_back(blob_range(4096 + below(250), 1 + below(6)));
      if (kind == 1) pieces.push_back(blob_range(8192 + 8 * below(65000), 8 * (1 + below(3))));
      if (kind == 2) pieces.push_back(blocks(below(16000), 1 + below(4)));
      if (kind == 3) pieces.push_back(blob_range(base + i * step, 1 + below(step)));
      if (kind == 4) pieces.push_back(blob_range(below(kBlobBytes / 2), 1 + below(100000)));
      if (kind == 5 && i == 0) {
        pieces.push_back(slab_range(slab_bytes, 1 + below(400)));
        slab_bytes += pieces.back().length;
      }
    }
  }
  return pieces;
}

/// Counts references and holds each mark to standing right behind the one that completes its window.
struct MarkCheck {
  uint32_t window_references;
  uint32_t& open;
  uint64_t& marks;
  bool& due;

  Drop count(uint32_t references) {
    EXPECT_FALSE(due) << "a reference stands where a mark should";
    open += references;
    EXPECT_LE(open, window_references) << "a window goes on behind its last reference";
    due = open == window_references;
    if (due) open = 0;
    return Drop::kNone;
  }
  Drop run(Tier, const uint8_t*, uint32_t references) noexcept { return count(references); }
  Drop extents(const ExtentsUnit& unit) noexcept { return count(unit.count); }
  Drop sync_mark(uint16_t window, bool has_crc, uint16_t) noexcept {
    EXPECT_TRUE(due && has_crc);
    EXPECT_EQ(window, static_cast<uint16_t>(marks++));
    due = false;
    return Drop::kNone;
  }
  Drop literal(std::span<const uint8_t>) noexcept { return Drop::kNone; }
  Drop gram(const GramUnit&) noexcept { return Drop::kNone; }
  Drop gram_end(const GramEndUnit&) noexcept { return Drop::kNone; }
  Drop result(const ResultUnit&) noexcept { return Drop::kNone; }
  Drop extension(uint8_t, std::span<const uint8_t>) noexcept { return Drop::kNone; }
  Drop sync_ack(uint16_t) noexcept { return Drop::kNone; }
  Drop ack(const AckUnit&) noexcept { return Drop::kNone; }
  Drop nack(const uint8_t*, uint32_t) noexcept { return Drop::kNone; }
};

const BlobView kBlob{.layout = {.size = kBlobBytes}, .id = kBlobId};

struct Case {
  uint32_t mtu;
  uint32_t window_pow2;
  bool prp;
  bool smallest;
};

class BuilderCases : public testing::TestWithParam<Case> {};

TEST_P(BuilderCases, TheAssemblerPutsTogetherWhatWasBuilt) {
  const Case& with = GetParam();
  const BuilderConfig config{.mtu = with.mtu,
                             .window_pow2 = with.window_pow2,
                             .prp = with.prp,
                             .key = with.prp ? 0xC0FFEEu : 0u,
                             .smallest = with.smallest};
  GramBuilder builder(config, kBlob);
  RigConfig rig_config;
  rig_config.pool.slab_bytes = 1 << 18;
  rig_config.assembler.streams = {{.id = 0, .key = config.key}};
  Rig rig(rig_config);
  uint32_t open = 0;
  uint64_t marks = 0;
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", mtu " << with.mtu << ", window " << with.window_pow2
                                    << ", prp " << with.prp << ", smallest " << with.smallest);
    std::mt19937_64 rng(seed);
    uint64_t slab_bytes = 0;
    const Table pieces = random_pieces(rng, rng() % 1500, true, slab_bytes);
    Bytes slab(slab_bytes);
    for (uint8_t& byte : slab) byte = static_cast<uint8_t>(rng());
    Frames frames(with.mtu);
    ASSERT_TRUE(builder.build({.op = 3, .arg = seed, .pieces = pieces, .slab = slab.data()}, frames));
    for (const Bytes& payload : frames.payloads) {
      bool due = false;
      MarkCheck check{1u << with.window_pow2, open, marks, due};
      ASSERT_EQ(walk_units(payload.data() + 16, payload.data() + payload.size(), false, true, check), Drop::kNone);
      ASSERT_FALSE(due) << "a window's mark is not in its last reference's frame";
      rig.take(payload);
    }
    ASSERT_EQ(rig.all_dropped(), 0u);
    ASSERT_EQ(rig.sink.given.size(), 1u);
    const Given& given = rig.sink.given.front();
    EXPECT_EQ(given.arg, seed);
    EXPECT_EQ(given.frames, frames.payloads.size());
    EXPECT_EQ(merged(given.table), merged(pieces));
    EXPECT_EQ(given.slab, slab);
    rig.sink.given.clear();
  }
  EXPECT_EQ(rig.counters().windows_verified.get(), marks);
  EXPECT_EQ(rig.counters().windows_broken.get(), 0u);
  if (with.window_pow2 < 8) {
    EXPECT_GT(marks, 10u);
  }
}

INSTANTIATE_TEST_SUITE_P(Builder, BuilderCases,
                         testing::Values(Case{45, 16, false, false}, Case{45, 0, true, true}, Case{64, 3, false, true},
                                         Case{64, 2, true, false}, Case{200, 7, false, false}, Case{200, 4, true, true},
                                         Case{1500, 5, true, false}, Case{1500, 16, false, true},
                                         Case{1500, 6, false, true}, Case{9000, 16, true, false},
                                         Case{9000, 9, false, true}, Case{100000, 16, false, true}));

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
    GramBuilder builder({.mtu = 64, .prp = prp, .key = 9}, kBlob);
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
    GramBuilder builder({.mtu = 100, .window_pow2 = 4}, kBlob);
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
  GramBuilder builder({.mtu = 41, .window_pow2 = 31}, kBlob);
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
    GramBuilder builder({.mtu = 44, .window_pow2 = 0, .smallest = smallest}, kBlob);
    EXPECT_FALSE(builder.build({.pieces = {&odd, 1}}, frames));
    EXPECT_FALSE(frames.open_now());
    GramBuilder tiny({.mtu = 39, .smallest = smallest}, kBlob);
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
