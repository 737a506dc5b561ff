// Frames of a session that reach an assembler without one before it: the units of sessions are extensions like others.
#include <gtest/gtest.h>

#include "rig.hpp"

namespace pfs::test {
namespace {

constexpr uint8_t kCarry = 0xE4;
constexpr uint8_t kProbe = 0xEA;

/// A unit of a session, its bytes all `fill`.
Units& put_unit(Units& to, uint8_t tag, uint16_t bytes, uint8_t fill = 0) {
  to.put(tag, 1).put(bytes, 2);
  to.wire.insert(to.wire.end(), bytes, fill);
  return to;
}

/// Bytes of E4 to EA in their form, SACK without words.
constexpr std::array<uint16_t, 7> kLengths = {22, 36, 128, 132, 22, 12, 6};

TEST(Sessionless, UnitsOfSessionsAroundAGramChangeNothing) {
  Rig plain;
  plain.take(frame({}, Units().gram(4, 9).file(64, "f").run(2, {1}).literal({1, 2}).gram_end()));
  ASSERT_EQ(plain.sink.given.size(), 1u);
  for (uint8_t tag = kCarry; tag <= kProbe; ++tag) {
    for (const uint16_t length : {uint16_t{0}, uint16_t{1}, kLengths[tag - kCarry], uint16_t{600}}) {
      for (const uint8_t fill : {0x00, 0xC0, 0xFF}) {
        SCOPED_TRACE(testing::Message() << "tag " << int{tag} << ", " << length << " bytes of " << int{fill});
        Rig rig;
        Units units;
        put_unit(units, tag, length, fill).gram(4, 9);
        put_unit(units, tag, length, fill).file(64, "f").run(2, {1});
        put_unit(units, tag, length, fill).literal({1, 2}).gram_end();
        put_unit(units, tag, length, fill);
        rig.take(frame({}, units));
        EXPECT_EQ(rig.all_dropped(), 0u);
        EXPECT_EQ(rig.sink.given, plain.sink.given);
      }
    }
  }
}

TEST(Sessionless, CarryBeforeEachFrameOfAGramLeavesItsOrderAndItsWindow) {
  const Units first = Units().run(2, {1, 2});
  const Units second = Units().run(2, {3});
  Bytes window = first.references;
  window.insert(window.end(), second.references.begin(), second.references.end());
  const auto carried = [](const Units& units) {
    Units out;
    put_unit(out, kCarry, 22);
    out.wire.insert(out.wire.end(), units.wire.begin(), units.wire.end());
    return out;
  };
  Units opening = Units().gram();
  opening.wire.insert(opening.wire.end(), first.wire.begin(), first.wire.end());
  Rig rig;
  rig.take(frame({.seq = 1, .frag = 1}, carried(Units(second).mark(0, crc16(window)).gram_end(2))));  // early
  rig.take(frame({.seq = 0}, carried(opening)));
  ASSERT_EQ(rig.sink.given.size(), 1u);
  EXPECT_EQ(rig.sink.given[0].table, (std::vector<Descriptor>{blocks(1, 2), blocks(3)}));
  EXPECT_EQ(rig.counters().windows_verified.get(), 1u);
  EXPECT_EQ(rig.all_dropped(), 0u);
}

TEST(Sessionless, ControlFramesOfASessionSayNothing) {
  Rig rig;
  for (uint8_t tag = kCarry; tag <= kProbe; ++tag) {
    Units units;
    put_unit(units, kCarry, 22);
    put_unit(units, tag, kLengths[tag - kCarry], 0xFF).put(0xC0, 1).put(0, 40);
    rig.take(frame({.seq = static_cast<uint32_t>(tag - kCarry)}, units));
  }
  EXPECT_EQ(rig.counters().control_frames.get(), 7u);
  EXPECT_TRUE(rig.sink.given.empty() && rig.sink.acks.empty() && rig.sink.results.empty() && rig.sink.receipts.empty());
}

TEST(Sessionless, UnitThatRunsPastItsFrameIsTruncated) {
  Rig rig;
  for (uint8_t tag = kCarry; tag <= kProbe; ++tag) {
    rig.take(frame({}, Units().put(tag, 1).put(9, 2).put(0, 8)));
    rig.take(frame({}, Units().put(tag, 1).put(0, 1)));
  }
  EXPECT_EQ(rig.dropped(Drop::kTruncated), 14u);
}

}  // namespace
}  // namespace pfs::test
