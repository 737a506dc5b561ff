// Grams of anything, built for many frame sizes: what the assembler makes of them, and where the marks stand.
#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "built.hpp"
#include "wire/receiving/walk.hpp"

namespace pfs::test {
namespace {

/// Counts references and holds each mark to standing right behind the one that completes its window.
struct MarkCheck : UnitVisitor {
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
};

struct Case {
  uint32_t mtu;
  uint32_t window_pow2;
  bool prp;
  bool smallest;
};

class BuilderCases : public testing::TestWithParam<Case> {};

TEST_P(BuilderCases, TheAssemblerPutsTogetherWhatWasBuilt) {
  const Case& with = GetParam();
  const BuilderConfig config{.payload_bytes = with.mtu,
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
      MarkCheck check{{}, 1u << with.window_pow2, open, marks, due};
      ASSERT_EQ(walk_units(payload.data() + 16, payload.data() + payload.size(), false, true, check), Drop::kNone);
      ASSERT_FALSE(due) << "a window's mark is not in its last reference's frame";
      rig.take(payload);
    }
    ASSERT_EQ(rig.all_dropped(), 0u);
    ASSERT_EQ(rig.sink.given.size(), 1u);
    const Given& given = rig.sink.given.front();
    EXPECT_EQ(given.arg, seed);
    EXPECT_EQ(std::accumulate(frames.denoted.begin(), frames.denoted.end(), uint64_t{0}), bytes_of(pieces));
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

}  // namespace
}  // namespace pfs::test
