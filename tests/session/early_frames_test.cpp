// Frames that came early and are held: each session has its share of the places.
#include <gtest/gtest.h>

#include <set>

#include "pair.hpp"

namespace pfs::session {
namespace {

using transport::kMillisecond;
using transport::kSecond;
using Reason = ByeUnit::Reason;

TEST(EarlyFrames, EarlyFramesOfAllSessionsTogetherAreBoundedAndNobodyStandsStill) {
  Bed bed;
  EndpointConfig receiving = small_config(9);
  receiving.held = 10;
  Node& b = bed.add(receiving);
  std::vector<std::pair<Node*, SessionId>> peers;
  for (uint64_t boot = 1; boot <= 2; ++boot) {
    Node& a = bed.add(small_config(boot));
    peers.emplace_back(&a, a.dial(0, bed.now));
  }
  ASSERT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 2; }));
  bed.run(10 * kMillisecond);
  // The first frame of each stream is lost once, so that what follows comes early.
  std::set<std::pair<uint8_t, uint32_t>> seen;
  bed.on_way = [&](uint8_t from, Packet& packet) {
    Carried carried;
    if (from == 0 || open_carried(packet.payload, carried) != Drop::kNone || !carried.carry.sequenced) return true;
    const uint32_t seq = carried.frame.header.seq;
    return seq != 0 || !seen.emplace(from, seq).second;
  };
  for (const auto& [a, session] : peers)
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(a->submit(session, 0));
  uint32_t most = 0;
  const auto all_here = [&] {
    uint32_t held = 0;
    for (const SessionId session : b.opened) held += b.endpoint.receiver(session)->held();
    most = std::max(most, held);
    return b.delivered(b.opened[0], 0) == 20 && b.delivered(b.opened[1], 0) == 20;
  };
  EXPECT_TRUE(bed.run(5 * kSecond, all_here));
  EXPECT_EQ(most, 8u) << "one for each of the four sessions that there may be, and 6 in common";
}

TEST(EarlyFrames, SessionsThatHoldAllTheyMayLeaveEachOtherPlaces) {
  Bed bed;
  EndpointConfig receiving = small_config(9);
  receiving.held = 80;  // 10 for each of 4 sessions, and 40 in common
  Node& b = bed.add(receiving);
  std::vector<std::pair<Node*, SessionId>> peers;
  for (uint64_t boot = 1; boot <= 3; ++boot) {
    Node& a = bed.add(small_config(boot));
    peers.emplace_back(&a, a.dial(0, bed.now));
  }
  ASSERT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 3; }));
  bed.run(10 * kMillisecond);
  // The first frame of each stream never comes: two peers hold on to all places that they can get.
  bed.on_way = [&](uint8_t, Packet& packet) {
    Carried carried;
    return open_carried(packet.payload, carried) != Drop::kNone || !carried.carry.sequenced ||
           carried.frame.header.seq != 0;
  };
  const auto held = [&](size_t which) {
    for (const SessionId id : b.endpoint.all())
      if (b.endpoint.peer(id).boot == which + 1) return b.endpoint.receiver(id)->held();
    return 0u;
  };
  for (size_t which = 0; which < 3; ++which) {
    for (int i = 0; i < 200; ++i) peers[which].first->submit(peers[which].second, i % 4);
    bed.run(kSecond);
  }
  EXPECT_EQ(held(0) + held(1), 60u);
  EXPECT_EQ(held(2), 10u);
  EXPECT_GT(b.endpoint.counters().over_held, 0u);
  for (const auto& [a, session] : peers) a->endpoint.close(session, Reason::kDone, bed.now);
  bed.run(5 * kSecond);
  EXPECT_TRUE(b.endpoint.all().empty());
  // All places are free again.
  const SessionId again = peers[2].first->dial(0, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return peers[2].first->endpoint.room(again, 0) != 0; }));
  for (int i = 0; i < 200; ++i) peers[2].first->submit(again, i % 4);
  bed.run(kSecond);
  EXPECT_EQ(held(2), 50u);
}

TEST(EarlyFrames, ManyStreamsAreGrantedNoMoreEarlyFramesTogetherThanMayBeHeld) {
  EndpointConfig many = small_config(2);
  many.receiver.streams = many.sender.streams = 64;
  many.terms.streams = 64;
  many.receiver.held = 128;
  Pair pair(1, small_config(1), many);
  EXPECT_EQ(pair.a.endpoint.peer(pair.session).frames, 2u);
}

TEST(EarlyFrames, AHeldSessionKeepsItsFramesAndGoesOnAfterwards) {
  Pair pair;
  pair.b.endpoint.hold(pair.other, true);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(pair.a.submit(pair.session, 0));
  pair.bed.run(kSecond);
  EXPECT_EQ(pair.b.delivered(pair.other, 0), 0);
  EXPECT_EQ(pair.b.endpoint.receiver(pair.other)->held(), 20);
  EXPECT_EQ(pair.a.arrived, 20) << "what is held is here";
  EXPECT_LE(pair.a.endpoint.sender(pair.session)->counters().repairs, 2);
  pair.b.endpoint.hold(pair.other, false);
  uint32_t given = 0;
  while (pair.b.endpoint.next_held(pair.other, 0)) ++given;
  EXPECT_EQ(given, 20);
}

}  // namespace
}  // namespace pfs::session
