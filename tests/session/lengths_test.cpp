// How long frames may be: paths that differ, hints of routers, frames that fit no path any more.
#include <gtest/gtest.h>

#include "pair.hpp"

namespace pfs::session {
namespace {

using transport::kMillisecond;
using transport::kSecond;
using Reason = ByeUnit::Reason;

TEST(Lengths, FramesOfAPathThatCarriesLessFitAllPaths) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  Node& b = bed.add(small_config(2));
  bed.on_way = [&](uint8_t, Packet& packet) { return packet.headers.bytes[5] == 0 || packet.payload.size() <= 1300; };
  const SessionId session = a.dial(1, bed.now, 2);
  bed.run(10 * kMillisecond);
  ASSERT_EQ(a.endpoint.payload(session), 1500) << "the other path is being measured";
  uint32_t left = 4000;
  ASSERT_TRUE(bed.run(10 * kSecond, [&] {
    while (left != 0 && a.submit(session, 0)) --left;
    return a.arrived == 4000;
  }));
  bed.run(2 * kSecond);
  EXPECT_EQ(a.endpoint.payload(session), 1266);
  left = 4000;
  ASSERT_TRUE(bed.run(10 * kSecond, [&] {
    while (left != 0 && a.submit(session, 0)) --left;
    return a.arrived == 8000;
  }));
  EXPECT_EQ(b.broken, "");
}

TEST(Lengths, APathThatIsGoneKeepsNoOtherFromGoingOn) {
  Pair pair(2);
  bool cut = false, black = false;
  pair.bed.on_way = [&](uint8_t, Packet& packet) { return packet.headers.bytes[5] == 0 ? !black : !cut; };
  ASSERT_TRUE(transfer(pair, 100, 2 * kSecond));
  cut = true;
  ASSERT_TRUE(transfer(pair, 100, 5 * kSecond));
  black = true;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(pair.a.submit(pair.session, i % 4));
  pair.bed.run(3 * kSecond);
  black = false;
  ASSERT_TRUE(pair.bed.run(10 * kSecond, [&] { return pair.a.arrived == 220; }));
  EXPECT_TRUE(transfer(pair, 1000, 10 * kSecond));
  EXPECT_TRUE(pair.a.closed.empty());
}

TEST(Lengths, ANetworkThatCarriesLessThanBeforeIsNamedWithBothNumbers) {
  Pair pair;
  pair.bed.on_way = [](uint8_t, Packet& packet) { return packet.payload.size() <= 1300; };
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(pair.a.submit(pair.session, i % 4));
  ASSERT_TRUE(pair.bed.run(6 * kSecond, [&] { return !pair.a.closed.empty(); }));
  EXPECT_EQ(pair.a.closed[0].second.reason, Reason::kSize);
  EXPECT_EQ(pair.a.closed[0].second.ours, 1500);
  EXPECT_EQ(pair.a.closed[0].second.theirs, 1266);
  EXPECT_EQ(pair.a.given_up, 20);
}

/// What somebody says of the path from node 0 to node 1.
bool hint(Pair& pair, uint32_t payload) {
  return pair.a.endpoint.hint(address_of(way_to(1, 0, 0, 0)), payload, pair.bed.now);
}

TEST(Lengths, AForgedHintChangesNothingAndEndsNoSession) {
  Pair pair;
  ASSERT_TRUE(pair.a.submit(pair.session, 0));
  ASSERT_TRUE(hint(pair, 1300));
  EXPECT_EQ(pair.a.endpoint.payload(pair.session), 1500) << "in use while it is tried";
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return pair.a.arrived == 1; }));
  ASSERT_TRUE(transfer(pair, 1000, 2 * kSecond));
  EXPECT_EQ(pair.a.endpoint.payload(pair.session), 1500);
  pair.bed.run(15 * kSecond);
  EXPECT_EQ(pair.a.endpoint.payload(pair.session), 1500);
  EXPECT_TRUE(pair.a.closed.empty() && pair.b.closed.empty());
}

TEST(Lengths, HintsAreTriedOnceASecondAndOnlyWhereTheyTellSomething) {
  Pair pair;
  EXPECT_FALSE(pair.a.endpoint.hint(address_of(way_to(2, 0, 0, 0)), 1300, pair.bed.now)) << "nobody's path";
  EXPECT_FALSE(hint(pair, 1500));
  EXPECT_FALSE(hint(pair, 100)) << "less than every path must carry";
  ASSERT_TRUE(hint(pair, 1300));
  const uint64_t before = pair.bed.frames_from[0];
  for (uint32_t i = 0; i < 900; ++i) {
    EXPECT_FALSE(hint(pair, 1299 - i % 700));
    pair.bed.run(kMillisecond);
  }
  EXPECT_LE(pair.bed.frames_from[0] - before, 25);
  EXPECT_EQ(pair.a.endpoint.counters().hints, 1);
  EXPECT_EQ(pair.a.endpoint.counters().hints_ignored, 903);
}

TEST(Lengths, AHintThatHoldsMakesFramesShorterAndClosesTheSessionOnlyIfFramesAreStuck) {
  Pair pair;
  uint32_t most = 1400;
  pair.bed.on_way = [&](uint8_t, Packet& packet) { return packet.payload.size() <= most; };
  ASSERT_TRUE(hint(pair, 1400));
  ASSERT_TRUE(pair.bed.run(3 * kSecond, [&] { return pair.a.endpoint.payload(pair.session) == 1400; }));
  ASSERT_TRUE(transfer(pair, 100, kSecond));
  ASSERT_TRUE(pair.a.closed.empty());
  most = 1300;
  ASSERT_TRUE(pair.a.submit(pair.session, 0));
  ASSERT_TRUE(hint(pair, 1300));
  ASSERT_TRUE(pair.bed.run(3 * kSecond, [&] { return !pair.a.closed.empty(); }));
  EXPECT_EQ(pair.a.closed[0].second.reason, Reason::kSize);
  EXPECT_EQ(pair.a.closed[0].second.ours, 1400);
  EXPECT_EQ(pair.a.closed[0].second.theirs, 1300);
  EXPECT_EQ(pair.a.given_up, 1);
}

TEST(Lengths, AHintWhileASessionOpensIsUsedAtOnce) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  bed.add(small_config(2));
  bool told = false;
  bed.on_way = [&](uint8_t from, Packet& packet) {
    const bool fits = packet.payload.size() <= 1372;
    if (!fits && from == 0 && !told) told = a.endpoint.hint(address_of(way_to(1, 0, 0, 0)), 1372, bed.now);
    return fits;
  };
  const SessionId session = a.dial(1, bed.now);
  EXPECT_TRUE(bed.run(20 * kMillisecond, [&] { return a.endpoint.payload(session) == 1372; }));
  bed.on_way = [](uint8_t, Packet&) { return true; };
  EXPECT_TRUE(bed.run(11 * kSecond, [&] { return a.endpoint.payload(session) == 1500; })) << "a router may be wrong";
}

/// Two paths of which the second, which is added later, carries frames of 1,300 bytes at most.
struct LongAndShort : Pair {
  LongAndShort() {
    bed.on_way = [this](uint8_t, Packet& packet) {
      return packet.headers.bytes[5] == 0 ? long_one_is_there : packet.payload.size() <= 1300;
    };
  }
  void add_short() {
    a.endpoint.add_path(session, a.path_to(1, 1), bed.now);
    ASSERT_TRUE(bed.run(3 * kSecond, [&] { return a.endpoint.payload(session) == 1266; }));
  }
  bool long_one_is_there = true;
};

TEST(Lengths, LongFramesGoByTheLongerPathAfterAShorterOneHasCome) {
  LongAndShort pair;
  pair.add_short();
  EXPECT_TRUE(pair.a.endpoint.carries(pair.session, 1500));
  EXPECT_FALSE(pair.a.endpoint.carries(pair.session, 1501));
  EXPECT_FALSE(pair.a.endpoint.strand(pair.session, 1501, pair.bed.now)) << "no path has ever carried that";
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(pair.a.submit(pair.session, 0, 1500, 1000, true));
  EXPECT_TRUE(pair.bed.run(kSecond, [&] { return pair.a.arrived == 20; }));
  EXPECT_EQ(pair.b.delivered(pair.other, 0), 20u);
  EXPECT_TRUE(pair.a.closed.empty());
}

TEST(Lengths, FramesThatNoPathCarriesAnyMoreCloseTheSessionWithBothNumbers) {
  for (const bool removed : {true, false}) {
    LongAndShort pair;
    pair.add_short();
    pair.long_one_is_there = false;
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(pair.a.submit(pair.session, 0, 1500, 1000, true));
    pair.bed.run(kMillisecond);
    EXPECT_TRUE(pair.a.closed.empty());
    if (removed) pair.a.endpoint.remove_path(pair.session, 0, pair.bed.now);
    ASSERT_TRUE(pair.bed.run(8 * kSecond, [&] { return !pair.a.closed.empty(); })) << removed;
    EXPECT_EQ(pair.a.closed[0].second.reason, Reason::kSize);
    EXPECT_EQ(pair.a.closed[0].second.ours, 1500);
    EXPECT_EQ(pair.a.closed[0].second.theirs, 1266);
    EXPECT_EQ(pair.a.given_up, 20);
  }
}

TEST(Lengths, AFrameThatWaitsOutsideAndFitsNoPathAnyMoreClosesTheSession) {
  LongAndShort pair;
  pair.add_short();
  pair.a.endpoint.remove_path(pair.session, 0, pair.bed.now);
  EXPECT_FALSE(pair.a.endpoint.carries(pair.session, 1500));
  EXPECT_TRUE(pair.a.endpoint.strand(pair.session, 1500, pair.bed.now));
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return !pair.a.closed.empty(); }));
  EXPECT_EQ(pair.a.closed[0].second.reason, Reason::kSize);
}

}  // namespace
}  // namespace pfs::session
