// How sessions begin: HELLO and WELCOME, refusals, RETRY, sizes.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace pfs::session {
namespace {

using transport::kMillisecond;
using transport::kSecond;
using Reason = ByeUnit::Reason;

TEST(Opening, TwoEndpointsOpenASessionAndFramesArriveInOrder) {
  Bed bed;
  Node& a = bed.add(small_config(100));
  Node& b = bed.add(small_config(200));
  const SessionId session = a.dial(1, bed.now);
  ASSERT_NE(session, kNoSession);
  ASSERT_TRUE(bed.run(kSecond, [&] { return !a.opened.empty() && !b.opened.empty(); }));
  EXPECT_EQ(a.opened[0], session);
  EXPECT_EQ(a.endpoint.state(session), State::kOpen);
  EXPECT_EQ(a.endpoint.payload(session), 1500);
  EXPECT_EQ(b.endpoint.payload(b.opened[0]), 1500);
  EXPECT_EQ(a.endpoint.peer(session).boot, 200);
  EXPECT_EQ(b.endpoint.peer(b.opened[0]).boot, 100);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(a.submit(session, i % 3));
  ASSERT_TRUE(b.submit(b.opened[0], 1));
  ASSERT_TRUE(bed.run(kSecond, [&] { return a.arrived == 50 && b.arrived == 1; }));
  EXPECT_EQ(b.delivered(b.opened[0], 0), 17);
  EXPECT_EQ(a.delivered(session, 1), 1);
  a.endpoint.close(session, Reason::kDone, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return !a.closed.empty() && !b.closed.empty(); }));
  EXPECT_EQ(a.closed[0].second.reason, Reason::kDone);
  EXPECT_FALSE(a.closed[0].second.by_peer);
  EXPECT_TRUE(b.closed[0].second.by_peer);
  EXPECT_EQ(a.endpoint.all().size() + b.endpoint.all().size(), 0);
  EXPECT_EQ(a.broken + b.broken, "");
}

/// How the session that `a` dials to `b` ends.
Ending refusal(const EndpointConfig& a, const EndpointConfig& b) {
  Bed bed;
  Node& dialler = bed.add(a);
  Node& other = bed.add(b);
  dialler.dial(1, bed.now);
  EXPECT_TRUE(bed.run(kSecond, [&] { return !dialler.closed.empty(); }));
  EXPECT_TRUE(other.opened.empty() && other.closed.empty());
  EXPECT_TRUE(other.endpoint.all().empty());
  return dialler.closed.empty() ? Ending{} : dialler.closed[0].second;
}

TEST(Opening, RefusalsNameTheReasonAndBothNumbers) {
  EndpointConfig other = small_config(2);
  other.terms.version = 3;
  Ending why = refusal(small_config(1), other);
  EXPECT_EQ(why.reason, Reason::kVersion);
  EXPECT_TRUE(why.by_peer);
  EXPECT_EQ(why.ours, 1);
  EXPECT_EQ(why.theirs, 3);

  other = small_config(2);
  other.terms.root[7] = 9;
  why = refusal(small_config(1), other);
  EXPECT_EQ(why.reason, Reason::kRoot);
  EXPECT_EQ(why.ours, 0x0707070707070707);
  EXPECT_EQ(why.theirs, 0x0707070707070709);

  other = small_config(2);
  other.terms.layout.block = 128;
  why = refusal(small_config(1), other);
  EXPECT_EQ(why.reason, Reason::kLayout);
  EXPECT_EQ(why.ours, 64);
  EXPECT_EQ(why.theirs, 128);

  other = small_config(2);
  other.accepts = false;
  EXPECT_EQ(refusal(small_config(1), other).reason, Reason::kDenied);
}

TEST(Opening, APeerThatIsBusyIsAskedAgainUntilItHasAPlace) {
  Bed bed;
  EndpointConfig few = small_config(9);
  few.sessions = 1;
  Node& b = bed.add(few);
  Node& first = bed.add(small_config(1));
  Node& second = bed.add(small_config(2));
  const SessionId session = first.dial(0, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 1; }));
  second.dial(0, bed.now);
  EXPECT_FALSE(bed.run(3 * kSecond, [&] { return !second.opened.empty() || !second.closed.empty(); }));
  first.endpoint.close(session, Reason::kDone, bed.now);
  EXPECT_TRUE(bed.run(kSecond, [&] { return second.opened.size() == 1; }));
  second.endpoint.close(second.opened[0], Reason::kDone, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return second.closed.size() == 1; }));
}

TEST(Opening, APeerThatStaysBusyIsNamedInTheEnd) {
  Bed bed;
  EndpointConfig few = small_config(9);
  few.sessions = 1;
  bed.add(few);
  Node& first = bed.add(small_config(1));
  Node& second = bed.add(small_config(2));
  first.dial(0, bed.now);
  bed.run(kSecond);
  second.dial(0, bed.now);
  ASSERT_TRUE(bed.run(11 * kSecond, [&] { return !second.closed.empty(); }));
  EXPECT_EQ(second.closed[0].second.reason, Reason::kBusy);
}

TEST(Opening, NobodyAtTheOtherEndEndsInSilenceAfterAWhile) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  const Time began = bed.now;
  a.dial(1, bed.now);
  ASSERT_TRUE(bed.run(20 * kSecond, [&] { return !a.closed.empty(); }));
  EXPECT_EQ(a.closed[0].second.reason, Reason::kSilent);
  EXPECT_GE(bed.now - began, 10 * kSecond);
  EXPECT_LT(bed.now - began, 10 * kSecond + kMillisecond);
  EXPECT_GE(bed.sent, 20) << "twice a second";
  EXPECT_LE(bed.sent, 26);
}

/// The payloads that two ends agree on where the network carries no more than `there` and `back` bytes.
std::pair<uint32_t, uint32_t> measured(uint32_t ours, uint32_t theirs, uint32_t there, uint32_t back) {
  Bed bed;
  Node& a = bed.add(small_config(1), ours);
  Node& b = bed.add(small_config(2), theirs);
  bed.on_way = [&](uint8_t from, Packet& packet) { return packet.payload.size() <= (from == 0 ? there : back); };
  const SessionId session = a.dial(1, bed.now);
  bed.run(6 * kSecond, [&] {
    return !b.opened.empty() && a.endpoint.payload(session) != 0 && b.endpoint.payload(b.opened[0]) != 0;
  });
  return {a.endpoint.payload(session), b.opened.empty() ? 0 : b.endpoint.payload(b.opened[0])};
}

TEST(Opening, ThePayloadIsTheLargestThatArrivesInEachDirection) {
  using Payloads = std::pair<uint32_t, uint32_t>;
  EXPECT_EQ(measured(1500, 1500, 9000, 9000), Payloads(1500, 1500));
  EXPECT_EQ(measured(9000, 9000, 9000, 9000), Payloads(9000, 9000));
  EXPECT_EQ(measured(9000, 1500, 1500, 9000), Payloads(1500, 1500)) << "a port refuses what is too long for it";
  EXPECT_EQ(measured(1500, 9000, 9000, 1500), Payloads(1500, 1500));
  EXPECT_EQ(measured(1500, 1500, 1486, 1486), Payloads(1486, 1486));
  EXPECT_EQ(measured(1500, 1500, 1400, 1500), Payloads(1266, 1500)) << "less arrives one way";
  EXPECT_EQ(measured(1500, 1500, 1500, 1400), Payloads(1500, 1266)) << "less arrives the other way";
  EXPECT_EQ(measured(9000, 9000, 1500, 1500), Payloads(1486, 1486));
  EXPECT_EQ(measured(1500, 1500, 562, 562), Payloads(562, 562));
}

TEST(Opening, APathThatCarriesOnlyShortFramesIsNamedWithBothNumbers) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  bed.add(small_config(2));
  bed.on_way = [&](uint8_t, Packet& packet) { return packet.payload.size() <= 500; };
  a.dial(1, bed.now);
  ASSERT_TRUE(bed.run(10 * kSecond, [&] { return !a.closed.empty(); }));
  EXPECT_EQ(a.closed[0].second.reason, Reason::kSize);
  EXPECT_EQ(a.closed[0].second.ours, 1500);
  EXPECT_EQ(a.closed[0].second.theirs, 176);
}

TEST(Opening, ABlackLinkIsNotTakenForASmallOne) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  Node& b = bed.add(small_config(2));
  bool black = false;
  uint32_t welcomes = 0;
  // The link goes dark when the first, short WELCOME has passed: sizes are being looked for then.
  bed.on_way = [&](uint8_t from, Packet& packet) {
    if (packet.payload.size() > 600 && welcomes == 0) return false;
    if (from == 1 && packet.payload.size() == 176) {
      ++welcomes;
      black = true;
      return true;
    }
    return !black;
  };
  const SessionId session = a.dial(1, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return welcomes != 0; }));
  bed.run(5 * kSecond);
  black = false;
  bed.on_way = [](uint8_t, Packet&) { return true; };
  EXPECT_TRUE(bed.run(3 * kSecond, [&] { return a.endpoint.payload(session) == 1500; }));
  EXPECT_TRUE(a.closed.empty());
  EXPECT_EQ(b.opened.size(), 1);
}

TEST(Opening, APathThatGetsWiderIsNoticed) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  bed.add(small_config(2));
  uint32_t most = 1300;
  bed.on_way = [&](uint8_t, Packet& packet) { return packet.payload.size() <= most; };
  const SessionId session = a.dial(1, bed.now);
  ASSERT_TRUE(bed.run(6 * kSecond, [&] { return a.endpoint.payload(session) == 1266; }));
  most = 1500;
  EXPECT_TRUE(bed.run(30 * kSecond, [&] { return a.endpoint.payload(session) == 1500; }));
}

TEST(Opening, SurvivesTheLossOfAnyOneFrame) {
  for (uint64_t lost = 0; lost < 12; ++lost) {
    Bed bed;
    Node& a = bed.add(small_config(1));
    Node& b = bed.add(small_config(2));
    uint64_t count = 0;
    bed.on_way = [&](uint8_t, Packet&) { return count++ != lost; };
    const SessionId session = a.dial(1, bed.now);
    const auto ready = [&] {
      return !b.opened.empty() && a.endpoint.payload(session) == 1500 && b.endpoint.payload(b.opened[0]) == 1500;
    };
    ASSERT_TRUE(bed.run(2 * kSecond, ready)) << "frame " << lost;
    EXPECT_EQ(a.endpoint.all().size(), 1);
    EXPECT_EQ(b.endpoint.all().size(), 1);
  }
}

TEST(Opening, HelloSaidAgainOpensNothingNew) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  Node& b = bed.add(small_config(2));
  Packet hello;
  bed.on_way = [&](uint8_t from, Packet& packet) {
    if (from == 0 && hello.payload.empty()) hello = packet;
    return true;
  };
  a.dial(1, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return !b.opened.empty(); }));
  for (int i = 0; i < 20; ++i) {
    bed.send(hello);
    bed.run(kSecond / 10);
  }
  EXPECT_EQ(b.opened.size(), 1);
  EXPECT_EQ(b.endpoint.all().size(), 1);
  EXPECT_EQ(a.opened.size(), 1);
  EXPECT_TRUE(a.closed.empty() && b.closed.empty());
}

TEST(Opening, WelcomeOfAnotherOpeningIsNone) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  bed.add(small_config(2));
  uint64_t forged = 0;
  bed.on_way = [&](uint8_t from, Packet& packet) {
    Carried carried;
    if (from != 1 || open_carried(packet.payload, carried) != Drop::kNone) return true;
    packet.payload[kFrameHeaderBytes + kCarryUnitBytes + 3 + 120] ^= 1;  // the nonce
    seal_carried(packet.payload, carried.carry);
    ++forged;
    return true;
  };
  a.dial(1, bed.now);
  EXPECT_FALSE(bed.run(2 * kSecond, [&] { return !a.opened.empty(); }));
  EXPECT_GT(forged, 2);
}

TEST(Opening, AGroupAddressIsReplacedByTheOneThatAnswers) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  Node& b = bed.add(small_config(2));
  PathConfig path = a.path_to(1, 0);
  std::fill_n(path.to.encapsulation.bytes.begin(), 6, 0xFF);
  const SessionId session = a.endpoint.dial({&path, 1}, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return !b.opened.empty() && a.endpoint.room(session, 0) != 0; }));
  bed.on_way = [](uint8_t, Packet& packet) {
    EXPECT_EQ(packet.headers.bytes[0] & 1, 0);
    return true;
  };
  ASSERT_TRUE(a.submit(session, 0));
  ASSERT_TRUE(bed.run(kSecond, [&] { return a.arrived == 1; }));
}

TEST(Opening, AnotherBootIdEndsTheOldSessionWhenItsHolderHasAnswered) {
  Bed bed;
  Node& b = bed.add(small_config(9));
  Node* a = &bed.add(small_config(10));
  a->dial(0, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 1; }));
  bed.run(10 * kMillisecond);
  a = &bed.restart(1, small_config(11));
  const Time began = bed.now;
  a->dial(0, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 2; }));
  EXPECT_LT(bed.now - began, 10 * kMillisecond);
  ASSERT_EQ(b.closed.size(), 1);
  EXPECT_EQ(b.closed[0].second.reason, Reason::kRestarted);
  EXPECT_EQ(b.endpoint.counters().restarted, 1);
}

TEST(Opening, WhoIsAboutToLeaveGreetsNobody) {
  Bed bed;
  Node& a = bed.add(small_config(1));
  Node& b = bed.add(small_config(2));
  a.dial(1, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return !b.opened.empty(); }));
  b.endpoint.stop_accepting();
  b.endpoint.close(b.opened[0], Reason::kDone, bed.now);
  bed.run(10 * kMillisecond);
  a.dial(1, bed.now);  // as who was told to go, and wants to go on
  bed.run(kSecond);
  EXPECT_TRUE(b.endpoint.all().empty()) << "or it would never have left";
  EXPECT_EQ(b.opened.size(), 1u);
}

}  // namespace
}  // namespace pfs::session
