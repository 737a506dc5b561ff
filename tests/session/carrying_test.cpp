// Frames of an open session: several paths, grants, frames that are held back, damaged or trimmed.
#include <gtest/gtest.h>

#include <set>

#include "bed.hpp"

namespace pfs::session {
namespace {

using transport::kMicrosecond;
using transport::kMillisecond;
using transport::kSecond;
using Reason = ByeUnit::Reason;

struct Pair {
  explicit Pair(uint8_t ports = 1, EndpointConfig first = small_config(1), EndpointConfig second = small_config(2))
      : a(bed.add(first)), b(bed.add(second)) {
    session = a.dial(1, bed.now, ports);
    EXPECT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 1 && a.endpoint.room(session, 0) != 0; }));
    other = b.opened.empty() ? kNoSession : b.opened[0];
    bed.run(kSecond / 10);
  }
  Bed bed;
  Node &a, &b;
  SessionId session = kNoSession, other = kNoSession;
};

/// Submits `count` frames as room comes, and sees them acknowledged.
bool transfer(Pair& pair, uint32_t count, Time within, uint32_t bytes = 0) {
  uint32_t left = count;
  const uint64_t goal = pair.a.arrived + count;
  return pair.bed.run(within, [&] {
    while (left != 0 && pair.a.submit(pair.session, left % 4, bytes)) --left;
    return pair.a.arrived == goal;
  });
}

TEST(Carrying, TwoPathsAreOpenedAndBothCarryFrames) {
  Pair pair(2);
  std::array<uint64_t, 2> by_port{};
  pair.bed.on_way = [&](uint8_t from, Packet& packet) {
    if (from == 0 && packet.payload.size() == 1500) ++by_port[packet.headers.bytes[5]];
    return true;
  };
  ASSERT_TRUE(transfer(pair, 5000, 10 * kSecond));
  EXPECT_GT(by_port[0], 500);
  EXPECT_GT(by_port[1], 500);
  EXPECT_EQ(pair.b.opened.size(), 1);
  EXPECT_EQ(pair.a.broken + pair.b.broken, "");
}

TEST(Carrying, APathThatDiesCostsNoFrame) {
  Pair pair(2);
  uint64_t count = 0;
  pair.bed.on_way = [&](uint8_t, Packet& packet) { return ++count < 500 || packet.headers.bytes[5] == 0; };
  ASSERT_TRUE(transfer(pair, 3000, 10 * kSecond));
  pair.bed.run(5 * kSecond);
  EXPECT_TRUE(pair.a.away_.empty() && pair.b.away_.empty());
  pair.bed.on_way = [](uint8_t, Packet&) { return true; };
  pair.bed.run(5 * kSecond);
  const uint64_t before = pair.bed.sent;
  ASSERT_TRUE(transfer(pair, 3000, 10 * kSecond));
  EXPECT_GT(pair.a.endpoint.sender(pair.session)->path(1).delivered(), 1'000'000) << before;
}

TEST(Carrying, PathsAreAddedAndRemovedWhileFramesAreOnTheirWay) {
  Pair pair(1);
  uint32_t left = 40'000;
  const auto keep_sending = [&] {
    while (left != 0 && pair.a.submit(pair.session, left % 4)) --left;
    return pair.a.arrived == 40'000;
  };
  pair.bed.run(5 * kMillisecond, keep_sending);
  ASSERT_TRUE(pair.a.endpoint.add_path(pair.session, pair.a.path_to(1, 1), pair.bed.now));
  pair.bed.run(20 * kMillisecond, keep_sending);
  ASSERT_TRUE(pair.a.endpoint.sender(pair.session)->path(1).open());
  pair.a.endpoint.remove_path(pair.session, 0, pair.bed.now);
  ASSERT_TRUE(pair.bed.run(10 * kSecond, keep_sending));
  EXPECT_FALSE(pair.a.endpoint.sender(pair.session)->path(0).open());
  EXPECT_EQ(pair.b.opened.size(), 1);
  // A number may be used again when the peer has not heard of the path for a while.
  pair.bed.run(4 * kSecond);
  ASSERT_TRUE(pair.a.endpoint.add_path(pair.session, pair.a.path_to(1, 2), pair.bed.now));
  pair.bed.run(kSecond);
  EXPECT_TRUE(pair.a.endpoint.sender(pair.session)->path(0).open());
}

TEST(Carrying, FramesOfAPathThatCarriesLessFitAllPaths) {
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

TEST(Carrying, TheGrantFollowsTheBacklog) {
  EndpointConfig small = small_config(2);
  small.receiver.bytes = 1'000'000;
  Pair pair(1, small_config(1), small);
  uint64_t denoted = 0;
  const auto send_all = [&] {
    while (pair.a.submit(pair.session, 0, 200, 10'000)) denoted += 10'000;
    return false;
  };
  // The receiver's owner finishes nothing of what it gets.
  pair.bed.run(2 * kSecond, [&] {
    pair.b.endpoint.on_backlog(uint64_t{pair.b.delivered(pair.other, 0)} * 10'000, 0);
    return send_all();
  });
  EXPECT_GE(denoted, 900'000);
  EXPECT_LE(denoted, 1'020'000) << "and one frame beyond";
  const uint64_t before = denoted;
  uint32_t finished = pair.b.delivered(pair.other, 0);
  pair.bed.run(2 * kSecond, [&] {
    pair.b.endpoint.on_backlog(uint64_t{pair.b.delivered(pair.other, 0) - finished} * 10'000, 0);
    return send_all();
  });
  EXPECT_GE(denoted - before, 800'000);
  EXPECT_LE(denoted - before, 1'030'000);
}

TEST(Carrying, SessionsShareWhatTheProcessMayHaveOutstanding) {
  Bed bed;
  EndpointConfig small = small_config(9);
  small.receiver.bytes = 1'000'000;
  Node& b = bed.add(small);
  for (uint64_t i = 1; i <= 3; ++i) bed.add(small_config(i)).dial(0, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 3; }));
  bed.run(kSecond / 10);
  std::array<uint64_t, 4> denoted{};
  bed.run(2 * kSecond, [&] {
    uint64_t backlog = 0;
    for (const SessionId session : b.opened) backlog += uint64_t{b.delivered(session, 0)} * 10'000;
    b.endpoint.on_backlog(backlog, 0);
    for (size_t i = 1; i <= 3; ++i)
      while (bed[i].submit(bed[i].opened[0], 0, 200, 10'000)) denoted[i] += 10'000;
    return false;
  });
  EXPECT_LE(denoted[1] + denoted[2] + denoted[3], 2'100'000) << "what was granted before others came counts as well";
  for (size_t i = 1; i <= 3; ++i) EXPECT_GE(denoted[i], 100'000) << i;
}

TEST(Carrying, EarlyFramesOfAllSessionsTogetherAreBoundedAndNobodyStandsStill) {
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

TEST(Carrying, AHeldSessionKeepsItsFramesAndGoesOnAfterwards) {
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

TEST(Carrying, ADamagedFrameIsNoFrame) {
  Pair pair;
  uint64_t count = 0;
  pair.bed.on_way = [&](uint8_t, Packet& packet) {
    if (++count % 5 == 0) packet.payload[count % packet.payload.size()] ^= static_cast<uint8_t>(1 << count % 8);
    return true;
  };
  ASSERT_TRUE(transfer(pair, 2000, 20 * kSecond));
  EXPECT_GT(pair.b.endpoint.counters().corrupt, 300);
  EXPECT_EQ(pair.a.broken + pair.b.broken, "");
}

TEST(Carrying, ATrimmedFrameIsRepairedWithoutWaitingForLaterOnes) {
  Pair pair;
  bool trimmed = false;
  pair.bed.on_way = [&](uint8_t from, Packet& packet) {
    if (from == 0 && packet.payload.size() == 1500 && !trimmed) {
      trimmed = true;
      packet.payload.resize(64);
    }
    return true;
  };
  ASSERT_TRUE(pair.a.submit(pair.session, 3));
  const Time began = pair.bed.now;
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return pair.b.delivered(pair.other, 3) == 1; }));
  EXPECT_LT(pair.bed.now - began, 4 * Bed::kDelay) << "no timer is that fast";
  EXPECT_EQ(pair.b.endpoint.counters().trimmed, 1);
  EXPECT_EQ(pair.a.endpoint.sender(pair.session)->counters().nacked, 1);
}

TEST(Carrying, TrimmedFramesCauseSoManyAnswersASecond) {
  Pair pair;
  Packet seen;
  pair.bed.on_way = [&](uint8_t from, Packet& packet) {
    if (from == 0 && packet.payload.size() == 1500 && seen.payload.empty()) seen = packet;
    return from == 1 || packet.payload.size() != 1500;
  };
  ASSERT_TRUE(pair.a.submit(pair.session, 0));
  pair.bed.run(kMillisecond / 2);
  ASSERT_FALSE(seen.payload.empty());
  seen.payload.resize(100);
  const uint64_t before = pair.bed.frames_from[1];
  for (int i = 0; i < 100'000; ++i) {
    pair.bed.send(seen);
    pair.bed.run(5 * kMicrosecond);
  }
  EXPECT_LE(pair.bed.frames_from[1] - before, 12'000) << "in half a second";
}

TEST(Carrying, StampsWrapAndSequenceNumbersGoOn) {
  Pair pair;
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(transfer(pair, 50, kSecond));
    const transport::Path& path = pair.a.endpoint.sender(pair.session)->path(0);
    EXPECT_LT(path.round_trip(), 5 * kMillisecond) << "after " << pair.bed.now / kSecond << " s";
    EXPECT_GE(path.round_trip(), 2 * Bed::kDelay - 1000);
    pair.bed.run(20 * kSecond);
  }
}

/// What somebody says of the path from node 0 to node 1.
bool hint(Pair& pair, uint32_t payload) {
  return pair.a.endpoint.hint(address_of(way_to(1, 0, 0, 0)), payload, pair.bed.now);
}

TEST(Carrying, AForgedHintChangesNothingAndEndsNoSession) {
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

TEST(Carrying, HintsAreTriedOnceASecondAndOnlyWhereTheyTellSomething) {
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

TEST(Carrying, AHintThatHoldsMakesFramesShorterAndClosesTheSessionOnlyIfFramesAreStuck) {
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

TEST(Carrying, AHintWhileASessionOpensIsUsedAtOnce) {
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

TEST(Carrying, LongFramesGoByTheLongerPathAfterAShorterOneHasCome) {
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

TEST(Carrying, FramesThatNoPathCarriesAnyMoreCloseTheSessionWithBothNumbers) {
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

TEST(Carrying, AFrameThatWaitsOutsideAndFitsNoPathAnyMoreClosesTheSession) {
  LongAndShort pair;
  pair.add_short();
  pair.a.endpoint.remove_path(pair.session, 0, pair.bed.now);
  EXPECT_FALSE(pair.a.endpoint.carries(pair.session, 1500));
  EXPECT_TRUE(pair.a.endpoint.strand(pair.session, 1500, pair.bed.now));
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return !pair.a.closed.empty(); }));
  EXPECT_EQ(pair.a.closed[0].second.reason, Reason::kSize);
}

TEST(Carrying, SessionsThatHoldAllTheyMayLeaveEachOtherPlaces) {
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

TEST(Carrying, ManyStreamsAreGrantedNoMoreEarlyFramesTogetherThanMayBeHeld) {
  EndpointConfig many = small_config(2);
  many.receiver.streams = many.sender.streams = 64;
  many.terms.streams = 64;
  many.receiver.held = 128;
  Pair pair(1, small_config(1), many);
  EXPECT_EQ(pair.a.endpoint.peer(pair.session).frames, 2u);
}

TEST(Carrying, ANetworkThatCarriesLessThanBeforeIsNamedWithBothNumbers) {
  Pair pair;
  pair.bed.on_way = [](uint8_t, Packet& packet) { return packet.payload.size() <= 1300; };
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(pair.a.submit(pair.session, i % 4));
  ASSERT_TRUE(pair.bed.run(6 * kSecond, [&] { return !pair.a.closed.empty(); }));
  EXPECT_EQ(pair.a.closed[0].second.reason, Reason::kSize);
  EXPECT_EQ(pair.a.closed[0].second.ours, 1500);
  EXPECT_EQ(pair.a.closed[0].second.theirs, 1266);
  EXPECT_EQ(pair.a.given_up, 20);
}

TEST(Carrying, APeerThatTakesNothingForALongTimeIsNoReasonToEnd) {
  EndpointConfig small = small_config(2);
  small.receiver.held = 8;
  Pair pair(1, small_config(1), small);
  pair.b.endpoint.hold(pair.other, true);
  for (int i = 0; i < 40; ++i) pair.a.submit(pair.session, 0);
  pair.bed.run(20 * kSecond);
  EXPECT_GT(pair.a.endpoint.unacknowledged(pair.session), 0);
  EXPECT_TRUE(pair.a.closed.empty() && pair.b.closed.empty());
  EXPECT_EQ(pair.a.endpoint.payload(pair.session), 1500);
}

TEST(Carrying, SessionsTakeTurns) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  bed.add(small_config(2));
  bed.add(small_config(3));
  const std::array sessions = {a.dial(1, bed.now), a.dial(2, bed.now)};
  ASSERT_TRUE(
      bed.run(kSecond, [&] { return a.endpoint.room(sessions[0], 0) != 0 && a.endpoint.room(sessions[1], 0) != 0; }));
  bed.run(kSecond / 10);
  for (int i = 0; i < 60; ++i)
    for (const SessionId session : sessions) ASSERT_TRUE(a.submit(session, 0, 100));
  std::array<uint32_t, 3> first{};  // of the first 40 frames, by the node that they go to
  uint32_t count = 0;
  for (const Node::Leaving& leaving : a.leaving(bed.now))
    if (!leaving.control && count++ < 40) ++first[leaving.packet.headers.bytes[4]];
  EXPECT_GE(first[1], 8);
  EXPECT_GE(first[2], 8);
}

TEST(Carrying, NothingToDoIsNoEvent) {
  Pair pair;
  pair.bed.run(kSecond / 20);
  Outgoing out;
  EXPECT_FALSE(pair.a.endpoint.next(pair.bed.now, out));
  const Time next = pair.a.endpoint.next_event(pair.bed.now);
  EXPECT_GT(next, pair.bed.now + 50 * kMillisecond);
  EXPECT_FALSE(pair.a.endpoint.next(next - 1, out));
  uint32_t wakes = 0;
  Time now = next;
  while (!pair.a.endpoint.next(now, out) && ++wakes < 10) now = pair.a.endpoint.next_event(now);
  EXPECT_LE(wakes, 2) << "until a keep-alive is due";
  EXPECT_TRUE(out.control);
}

}  // namespace
}  // namespace pfs::session
