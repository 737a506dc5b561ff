// Keep-alive, peers that are away, and how sessions end.
#include <gtest/gtest.h>

#include "bed.hpp"
#include "wire/sending/writer.hpp"

namespace pfs::session {
namespace {

using transport::kMicrosecond;
using transport::kMillisecond;
using transport::kSecond;
using Reason = ByeUnit::Reason;

/// Two nodes with an open session.
struct Pair {
  explicit Pair(EndpointConfig first = small_config(1), EndpointConfig second = small_config(2))
      : a(bed.add(first)), b(bed.add(second)) {
    session = a.dial(1, bed.now);
    EXPECT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 1 && a.endpoint.room(session, 0) != 0; }));
    other = b.opened.empty() ? kNoSession : b.opened[0];
  }
  Bed bed;
  Node &a, &b;
  SessionId session = kNoSession, other = kNoSession;
};

TEST(Silence, AQuietSessionStaysOpenForFewFrames) {
  Pair pair;
  const uint64_t before = pair.bed.sent;
  pair.bed.run(60 * kSecond);
  EXPECT_TRUE(pair.a.away_.empty() && pair.b.away_.empty() && pair.a.closed.empty() && pair.b.closed.empty());
  EXPECT_LE(pair.bed.sent - before, 60 * 8) << "a ping and its answer each half second, of both ends at most";
}

TEST(Silence, AVanishedPeerIsAwayWithinThreeSecondsAndForgottenAfterTen) {
  Pair pair;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(pair.b.submit(pair.other, 0));
  const Time began = pair.bed.now;
  pair.bed.on_way = [](uint8_t, Packet&) { return false; };
  ASSERT_TRUE(pair.bed.run(3 * kSecond, [&] { return !pair.b.away_.empty(); }));
  EXPECT_TRUE(pair.b.away_[0].second);
  EXPECT_EQ(pair.b.endpoint.state(pair.other), State::kAway);
  EXPECT_EQ(pair.b.given_up, 0);
  ASSERT_TRUE(pair.bed.run(8 * kSecond, [&] { return !pair.b.closed.empty(); }));
  EXPECT_GE(pair.bed.now - began, 9 * kSecond);
  EXPECT_EQ(pair.b.closed[0].second.reason, Reason::kSilent);
  EXPECT_EQ(pair.b.given_up, 20);
}

TEST(Silence, ALinkThatIsBlackForFiveSecondsCostsNoSession) {
  Pair pair;
  bool black = true;
  pair.bed.on_way = [&](uint8_t, Packet&) { return !black; };
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(pair.a.submit(pair.session, 0));
  pair.bed.run(5 * kSecond);
  black = false;
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return pair.a.arrived == 20; }));
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return pair.b.away_.size() == 2; }));
  EXPECT_FALSE(pair.a.away_[1].second || pair.b.away_[1].second);
  EXPECT_TRUE(pair.a.closed.empty() && pair.b.closed.empty());
}

TEST(Silence, ANewPeerTakesThePlaceOfTheOneThatIsAwayLongest) {
  EndpointConfig few = small_config(9);
  few.sessions = 2;
  Bed bed;
  Node& b = bed.add(few);
  for (uint64_t i = 1; i <= 3; ++i) bed.add(small_config(i));
  uint8_t gone = 0;  // nodes up to this one are cut off
  bed.on_way = [&](uint8_t from, Packet& packet) {
    return (from == 0 || from > gone) && (packet.headers.bytes[4] == 0 || packet.headers.bytes[4] > gone);
  };
  bed[1].dial(0, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 1; }));
  bed[2].dial(0, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 2; }));
  bed[3].dial(0, bed.now);
  EXPECT_FALSE(bed.run(3 * kSecond, [&] { return b.opened.size() == 3; })) << "both are here";
  gone = 1;
  bed.run(kSecond);
  gone = 2;
  ASSERT_TRUE(bed.run(4 * kSecond, [&] { return b.opened.size() == 3; }));
  ASSERT_EQ(b.closed.size(), 1);
  EXPECT_EQ(b.closed[0].first, b.opened[0]);
}

TEST(Ending, CloseGivesEverythingBackOnBothSides) {
  Pair pair;
  uint64_t count = 0;
  pair.bed.on_way = [&](uint8_t from, Packet& packet) {
    return from != 0 || packet.payload.size() < 1000 || count++ != 0;
  };
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(pair.a.submit(pair.session, 0));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(pair.b.submit(pair.other, 1));
  pair.bed.run(150 * kMicrosecond);
  EXPECT_EQ(pair.b.endpoint.receiver(pair.other)->held(), 29) << "the first frame is lost, and the others wait for it";
  pair.a.endpoint.close(pair.session, Reason::kDone, pair.bed.now);
  EXPECT_EQ(pair.a.given_up, 30);
  // Sooner than BYE would be repeated, so that it was answered.
  ASSERT_TRUE(pair.bed.run(kSecond / 20, [&] { return pair.a.closed.size() == 1 && pair.b.closed.size() == 1; }));
  EXPECT_EQ(pair.b.released, 29);
  EXPECT_EQ(pair.b.arrived + pair.b.given_up, 5);
  EXPECT_EQ(pair.a.taken, pair.a.handed_on + pair.a.released);
  EXPECT_EQ(pair.b.taken, pair.b.handed_on + pair.b.released);
  EXPECT_EQ(pair.a.broken + pair.b.broken, "");
  pair.bed.run(20 * kSecond);
  EXPECT_EQ(pair.a.closed.size() + pair.b.closed.size(), 2);
}

TEST(Ending, NothingIsDeliveredAfterClose) {
  Pair pair;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(pair.a.submit(pair.session, 0));
  pair.bed.run(10 * kMicrosecond);
  pair.b.endpoint.close(pair.other, Reason::kDone, pair.bed.now);
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return pair.a.closed.size() == 1 && pair.b.closed.size() == 1; }));
  EXPECT_EQ(pair.b.delivered(pair.other, 0), 0);
  EXPECT_EQ(pair.a.given_up, 10);
}

TEST(Ending, TheLastFrameIsAcknowledgedBeforeByeLeaves) {
  Pair pair;
  ASSERT_TRUE(pair.b.submit(pair.other, 2));
  // As soon as the frame is here, before the delayed Ack would leave.
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return pair.a.delivered(pair.session, 2) == 1; }));
  pair.a.endpoint.close(pair.session, Reason::kDone, pair.bed.now);
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return !pair.b.closed.empty(); }));
  EXPECT_EQ(pair.b.arrived, 1);
  EXPECT_EQ(pair.b.given_up, 0);
}

TEST(Ending, ByeIsRepeatedAndAnUnansweredOneEndsAfterTheFarewell) {
  Pair pair;
  uint64_t byes = 0;
  pair.bed.on_way = [&](uint8_t from, Packet&) { return from != 0 || ++byes > 3; };
  pair.a.endpoint.close(pair.session, Reason::kDone, pair.bed.now);
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return pair.a.closed.size() == 1 && pair.b.closed.size() == 1; }));

  Pair dark;
  dark.bed.on_way = [](uint8_t, Packet&) { return false; };
  const Time began = dark.bed.now;
  dark.a.endpoint.close(dark.session, Reason::kDone, dark.bed.now);
  EXPECT_EQ(dark.a.endpoint.state(dark.session), State::kClosing);
  ASSERT_TRUE(dark.bed.run(2 * kSecond, [&] { return dark.a.closed.size() == 1; }));
  EXPECT_EQ(dark.bed.now - began, kSecond);
  EXPECT_EQ(dark.a.closed[0].second.reason, Reason::kDone);
}

TEST(Ending, APeerThatLostItsAnswerToByeIsToldThatTheSessionIsUnknown) {
  Pair pair;
  uint64_t answers = 0;
  pair.bed.on_way = [&](uint8_t from, Packet&) { return from != 1 || ++answers > 1; };
  pair.a.endpoint.close(pair.session, Reason::kDone, pair.bed.now);
  ASSERT_TRUE(pair.bed.run(kSecond / 2, [&] { return pair.a.closed.size() == 1; })) << "the second BYE is answered";
  EXPECT_EQ(pair.a.closed[0].second.reason, Reason::kDone);
  EXPECT_FALSE(pair.a.closed[0].second.by_peer);
}

TEST(Ending, AFrameOfAnUnknownSessionEndsTheSenders) {
  Pair pair;
  pair.bed.restart(1, small_config(3));
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(pair.a.submit(pair.session, 0));
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return !pair.a.closed.empty(); }));
  EXPECT_EQ(pair.a.closed[0].second.reason, Reason::kUnknown);
  EXPECT_TRUE(pair.a.closed[0].second.by_peer);
  EXPECT_EQ(pair.a.given_up, 4);
}

TEST(Ending, AKeepAliveToAnUnknownSessionEndsItToo) {
  Pair pair;
  pair.bed.restart(1, small_config(3));
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return !pair.a.closed.empty(); }));
  EXPECT_EQ(pair.a.closed[0].second.reason, Reason::kUnknown);
}

/// BYE(unknown) as anybody may send it.
Packet bye_unknown(uint32_t number, uint8_t from, uint8_t to) {
  std::vector<uint8_t> frame(kFrameHeaderBytes + kCarryUnitBytes + extension_bytes(kByeBytes));
  UnitWriter units{std::span(frame).subspan(kFrameHeaderBytes + kCarryUnitBytes)};
  units.bye({.reason = Reason::kUnknown, .theirs = number});
  write_frame(frame.data(), {.length = static_cast<uint16_t>(frame.size() - kFrameHeaderBytes)});
  seal_carried(frame, {});
  return {.headers = way_to(to, 0, from, 0).encapsulation, .payload = frame};
}

TEST(Ending, ByeOfAStrangerOrOfAWrongNumberEndsNothing) {
  Pair pair;
  pair.bed.send(bye_unknown(pair.other, 7, 0));      // the number fits, the address does not
  pair.bed.send(bye_unknown(pair.other + 4, 1, 0));  // a former session of the same place
  pair.bed.send(bye_unknown(pair.session, 1, 0));    // the wrong end's number
  pair.bed.run(kSecond);
  EXPECT_TRUE(pair.a.closed.empty());
  pair.bed.send(bye_unknown(pair.other, 1, 0));
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return !pair.a.closed.empty(); }));
}

TEST(Ending, ByeOfNoNumberDoesNotEndASessionThatIsOpening) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  a.dial(1, bed.now);
  bed.send(bye_unknown(0, 1, 0));
  bed.run(kSecond);
  EXPECT_TRUE(a.closed.empty());
}

TEST(Ending, FramesOfAFormerSessionInTheSamePlaceAreRefused) {
  EndpointConfig one = small_config(2);
  one.sessions = 1;
  Pair pair(small_config(1), one);
  Packet old;
  pair.bed.on_way = [&](uint8_t from, Packet& packet) {
    if (from == 0 && packet.payload.size() == 1500) old = packet;
    return true;
  };
  ASSERT_TRUE(pair.a.submit(pair.session, 0));
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return pair.a.arrived == 1; }));
  pair.a.endpoint.close(pair.session, Reason::kDone, pair.bed.now);
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return pair.a.closed.size() == 1; }));
  pair.bed.on_way = [](uint8_t, Packet&) { return true; };
  const SessionId next = pair.a.dial(1, pair.bed.now);
  ASSERT_TRUE(pair.bed.run(kSecond, [&] { return pair.a.endpoint.room(next, 0) != 0 && pair.b.opened.size() == 2; }));
  pair.bed.send(old);
  pair.bed.run(kSecond / 10);
  EXPECT_EQ(pair.b.delivered(pair.b.opened[1], 0), 0);
  EXPECT_GE(pair.b.endpoint.counters().unknown_session, 1);
}

TEST(Ending, ManySessionsOneAfterAnotherUseThePlacesAgain) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  Node& b = bed.add(small_config(2));
  for (uint32_t i = 0; i < 100; ++i) {
    const SessionId session = a.dial(1, bed.now);
    ASSERT_NE(session, kNoSession);
    ASSERT_TRUE(bed.run(kSecond, [&] { return a.endpoint.room(session, 0) != 0; }));
    for (int frame = 0; frame < 20; ++frame) ASSERT_TRUE(a.submit(session, frame % 4));
    if (i % 2 == 0) {
      ASSERT_TRUE(bed.run(kSecond, [&] { return a.endpoint.unacknowledged(session) == 0; }));
    }
    a.endpoint.close(session, Reason::kDone, bed.now);
    ASSERT_TRUE(bed.run(kSecond, [&] { return a.closed.size() == i + 1 && b.closed.size() == i + 1; })) << i;
  }
  EXPECT_EQ(a.arrived + a.given_up, 2000);
  EXPECT_EQ(a.broken + b.broken, "");
}

}  // namespace
}  // namespace pfs::session
