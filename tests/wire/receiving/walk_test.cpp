#include "wire/receiving/walk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>

#include "collect.hpp"

namespace pfs {
namespace {

constexpr Layout kLayout{.size = 1 << 21};

struct Walked {
  Drop drop;
  Collect seen;
};

Walked walk(const std::vector<uint8_t>& units, bool bare = false, bool crc = true) {
  Collect seen(kLayout, 1024);
  const Drop drop = walk_units(units.data(), units.data() + units.size(), bare, crc, seen);
  return {drop, std::move(seen)};
}

std::vector<uint8_t> bytes(std::initializer_list<int> head, size_t zeros) {
  std::vector<uint8_t> out(head.size() + zeros);
  std::copy(head.begin(), head.end(), out.begin());
  return out;
}

TEST(Walk, NoUnitsAreAFrameThatDenotesNothing) {
  EXPECT_EQ(walk({}).drop, Drop::kNone);
  EXPECT_EQ(walk({}).seen.units, 0u);
}

TEST(Walk, RunOf64UsesTheLongCount) {
  auto units = bytes({0x3F, 0, 63}, 64);
  EXPECT_EQ(walk(units).drop, Drop::kNone);
  EXPECT_EQ(walk(units).seen.table.count, 64u);
  units[2] = 62;  // 63 references must use the short form
  EXPECT_EQ(walk(units).drop, Drop::kBadRun);
}

TEST(Walk, ALongCountIsJudgedBeforeItsReferences) {
  EXPECT_EQ(walk({0x3F}).drop, Drop::kTruncated);
  EXPECT_EQ(walk({0x3F, 0}).drop, Drop::kTruncated);
  EXPECT_EQ(walk({0x3F, 0, 5}).drop, Drop::kBadRun);
  EXPECT_EQ(walk({0x3F, 0, 200}).drop, Drop::kTruncated);
}

TEST(Walk, RunsOfEveryTierNeedAllTheirReferences) {
  for (const int tier : {0, 1, 2}) {
    for (const int count : {1, 2, 62, 63}) {
      const size_t need = static_cast<size_t>(count) << tier;
      EXPECT_EQ(walk(bytes({tier << 6 | (count - 1)}, need)).drop, Drop::kNone) << tier << ' ' << count;
      EXPECT_EQ(walk(bytes({tier << 6 | (count - 1)}, need - 1)).drop, Drop::kTruncated) << tier << ' ' << count;
    }
  }
}

TEST(Walk, NothingIsReadBehindEnd) {
  const auto walked = walk({0xC0, 0xF9, 0xF9});
  EXPECT_EQ(walked.drop, Drop::kNone);
  EXPECT_EQ(walked.seen.units, 0u);
}

TEST(Walk, ExtentsWidthsAreJudgedBeforeTheirArrays) {
  const auto extents = [](int count, int offset_bits, int length_bits, size_t array_bytes) {
    auto units = bytes({0xC1, count - 1, offset_bits, length_bits}, 20 + array_bytes);
    units[24 - 1] = 1;  // shortest
    return units;
  };
  EXPECT_EQ(walk(extents(2, 65, 0, 0)).drop, Drop::kBadExtents);
  EXPECT_EQ(walk(extents(2, 0, 33, 0)).drop, Drop::kBadExtents);
  EXPECT_EQ(walk(extents(2, 64, 32, 0)).drop, Drop::kTruncated);
  EXPECT_EQ(walk(extents(2, 64, 32, 15)).drop, Drop::kTruncated);
  EXPECT_EQ(walk(extents(2, 64, 32, 16)).drop, Drop::kNone);
  EXPECT_EQ(walk(extents(1, 64, 0, 0)).drop, Drop::kNone) << "one extent has no deltas";
  EXPECT_EQ(walk(bytes({0xC1}, 22)).drop, Drop::kTruncated);
}

TEST(Walk, EveryControlUnitNeedsAllItsBytes) {
  const std::initializer_list<std::vector<uint8_t>> units = {
      bytes({0xC2, 0, 3}, 3), bytes({0xD0}, 23),        bytes({0xD1}, 23),      bytes({0xD2}, 15 + 2),
      bytes({0xE1, 0, 4}, 4), bytes({0xEF, 0, 0}, 0),   bytes({0xF0, 0, 7}, 2), bytes({0xF1}, 2),
      bytes({0xF2, 1}, 12),   bytes({0xF2, 255}, 1536), bytes({0xF3}, 8),
  };
  for (const auto& unit : units) {
    EXPECT_EQ(walk(unit).drop, Drop::kNone) << "tag " << int{unit[0]};
    EXPECT_EQ(walk(unit).seen.units, 1u) << "tag " << int{unit[0]};
    for (size_t length = 1; length < unit.size(); ++length) {
      EXPECT_EQ(walk({unit.begin(), unit.begin() + static_cast<std::ptrdiff_t>(length)}).drop, Drop::kTruncated)
          << "tag " << int{unit[0]} << " cut to " << length;
    }
  }
}

TEST(Walk, EveryOtherTagIsABadUnit) {
  for (int tag = 0xC0; tag <= 0xFF; ++tag) {
    const bool known =
        tag <= 0xC2 || (tag >= 0xD0 && tag <= 0xD2) || (tag >= 0xE1 && tag <= 0xEF) || (tag >= 0xF0 && tag <= 0xF3);
    EXPECT_EQ(walk(bytes({tag}, 2000)).drop == Drop::kBadUnit, !known) << "tag " << tag;
    EXPECT_EQ(walk({static_cast<uint8_t>(tag)}).drop == Drop::kBadUnit, !known) << "tag " << tag << " alone";
  }
}

TEST(Walk, BareFramesHoldRunsEndAndSyncsOnly) {
  for (int tag = 0xC1; tag <= 0xFF; ++tag) {
    const bool allowed = tag == 0xF0 || tag == 0xF1;
    EXPECT_EQ(walk(bytes({tag}, 2000), true).drop == Drop::kBadUnit, !allowed) << "tag " << tag;
    EXPECT_EQ(walk({static_cast<uint8_t>(tag)}, true).drop, allowed ? Drop::kTruncated : Drop::kBadUnit) << tag;
  }
  EXPECT_EQ(walk({0x00, 7, 0x40, 0, 1, 0x80, 0, 0, 0, 1, 0xC0, 0xFF}, true).drop, Drop::kNone);
}

TEST(Walk, SyncMarkCarriesItsCrcOnlyIfTheFrameSaysSo) {
  const auto with = walk({0xF0, 1, 2, 3, 4});
  EXPECT_EQ(with.drop, Drop::kNone);
  EXPECT_EQ(with.seen.last_window, 0x0102);
  EXPECT_TRUE(with.seen.last_has_crc);
  EXPECT_EQ(with.seen.last_crc, 0x0304);
  const auto without = walk({0xF0, 1, 2, 0xF1, 0, 9}, false, false);
  EXPECT_EQ(without.drop, Drop::kNone);
  EXPECT_FALSE(without.seen.last_has_crc);
  EXPECT_EQ(without.seen.last_window, 9);
}

TEST(Walk, FieldsAreReadInTheirPlaces) {
  std::vector<uint8_t> units = {0xD0};
  for (int i = 1; i <= 23; ++i) units.push_back(static_cast<uint8_t>(i));
  const GramUnit gram = walk(units).seen.last_gram;
  EXPECT_EQ(gram.op, 1);
  EXPECT_EQ(gram.flags, 0x0203);
  EXPECT_EQ(gram.blob, 0x04050607u);
  EXPECT_EQ(gram.arg, 0x08090A0B0C0D0E0Fu);
  EXPECT_EQ(gram.total, 0x1011121314151617u);
  units[0] = 0xD1;
  const GramEndUnit end = walk(units).seen.last_end;
  EXPECT_EQ(end.digest_kind, 1);
  EXPECT_EQ(end.frames, 0x0203);
  EXPECT_EQ(end.descriptors, 0x04050607u);
  EXPECT_EQ(end.bytes, 0x08090A0B0C0D0E0Fu);
  EXPECT_EQ(end.digest, 0x1011121314151617u);
  units[0] = 0xD2;
  units[16] = 0;
  units[17] = 6;
  const ResultUnit result = walk(units).seen.last_result;
  EXPECT_EQ(result.status, 0x0203);
  EXPECT_EQ(result.gram, 0x04050607u);
  EXPECT_EQ(result.value, 0x08090A0B0C0D0E0Fu);
  EXPECT_EQ(result.bytes.size(), 6u);
  units[0] = 0xF3;
  units.resize(9);
  EXPECT_EQ(walk(units).seen.last_ack.next, 0x01020304u);
  EXPECT_EQ(walk(units).seen.last_ack.credit, 0x05060708u);
}

}  // namespace
}  // namespace pfs
