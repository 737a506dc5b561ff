// Frames of an open session: several paths, grants, turns, frames that are damaged or trimmed.
#include <gtest/gtest.h>

#include "pair.hpp"

namespace pfs::session {
namespace {

using transport::kMicrosecond;
using transport::kMillisecond;
using transport::kSecond;

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
