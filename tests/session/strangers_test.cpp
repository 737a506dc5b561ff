// What a HELLO of somebody who is not, or not any more, who it says cannot do: captures, forgeries, cookies, floods.
#include <gtest/gtest.h>

#include "base/endian.hpp"
#include "bed.hpp"
#include "session/address.hpp"
#include "session/cookies.hpp"

namespace pfs::session {
namespace {

using transport::kMillisecond;
using transport::kSecond;
using Reason = ByeUnit::Reason;

TEST(Strangers, TheSameMacAddressBehindAnotherTagIsAnotherAddress) {
  ReplyPath plain{.port = 1, .encapsulation = ethernet_encapsulation({2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2})};
  const auto tagged = [&](uint16_t vlan) {
    ReplyPath path = plain;
    auto& bytes = path.encapsulation.bytes;
    store_be(bytes.data() + 12, uint16_t{0x8100});
    store_be(bytes.data() + 14, static_cast<uint16_t>(0xE000 | vlan));  // the priority is no part of the address
    store_be(bytes.data() + 16, kEtherType);
    path.encapsulation.length = 18;
    return address_of(path);
  };
  EXPECT_EQ(tagged(0), address_of(plain)) << "tag 0 says the same as no tag";
  EXPECT_NE(tagged(12), address_of(plain));
  EXPECT_NE(tagged(12), tagged(13));
}

TEST(Strangers, AnOldCaptureOfAHelloHarmsNobody) {
  Bed bed;
  Node& b = bed.add(small_config(9));
  Node* a = &bed.add(small_config(10));
  Packet old;
  bed.on_way = [&](uint8_t from, Packet& packet) {
    if (from == 1 && old.payload.empty()) old = packet;
    return true;
  };
  a->dial(0, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 1; }));
  a = &bed.restart(1, small_config(11));
  const SessionId session = a->dial(0, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 2; }));
  bed.send(old);
  bed.run(5 * kSecond);
  EXPECT_EQ(b.endpoint.counters().retries, 1) << "whoever sent that is asked whether they are there";
  EXPECT_EQ(b.endpoint.all(), std::vector{b.opened[1]});
  EXPECT_EQ(a->endpoint.state(session), State::kOpen);
}

TEST(Strangers, AForgedHelloOfAKnownAddressEndsNoSession) {
  Bed bed;
  Node& b = bed.add(small_config(9));
  Node& a = bed.add(small_config(10));
  Packet hello;
  bed.on_way = [&](uint8_t from, Packet& packet) {
    if (from == 1 && hello.payload.empty()) hello = packet;
    return true;
  };
  const SessionId session = a.dial(0, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 1; }));
  Carried carried;
  ASSERT_EQ(open_carried(hello.payload, carried), Drop::kNone);
  hello.payload[kFrameHeaderBytes + kCarryUnitBytes + 3 + 4] = 0xFF;      // a later boot
  hello.payload[kFrameHeaderBytes + kCarryUnitBytes + 3 + 120 + 7] ^= 1;  // another nonce
  seal_carried(hello.payload, carried.carry);
  bed.send(hello);
  bed.run(12 * kSecond);
  EXPECT_TRUE(b.closed.empty());
  EXPECT_EQ(b.endpoint.all(), b.opened);
  EXPECT_EQ(a.endpoint.state(session), State::kOpen);
}

TEST(Strangers, ManyStrangersTakeFewPlacesAndAnHonestPeerGetsInByItsCookie) {
  Bed bed;
  Node& b = bed.add(small_config(9));  // 4 places, 2 of them half open
  Node& a = bed.add(small_config(1));
  Node& hostile = bed.add(small_config(2));
  uint64_t asked = 0, answered = 0;
  // The hostile node asks by an address that changes with every frame, and never sees an answer.
  bed.on_way = [&](uint8_t from, Packet& packet) {
    if (from == 2) {
      packet.headers.bytes[10] = static_cast<uint8_t>(100 + asked++ % 100);
      packet.headers.bytes[9] = static_cast<uint8_t>(asked / 100);
    }
    if (from == 0) answered += packet.headers.bytes[4] >= 100;
    return true;
  };
  for (int i = 0; i < 50; ++i) {
    const SessionId session = hostile.dial(0, bed.now);
    bed.run(10 * kMillisecond);
    hostile.endpoint.close(session, Reason::kDone, bed.now);
    EXPECT_LE(b.endpoint.all().size(), 2);
  }
  EXPECT_GT(b.endpoint.counters().retries, 40);
  const SessionId session = a.dial(0, bed.now);
  EXPECT_TRUE(bed.run(kSecond, [&] { return a.endpoint.state(session) == State::kOpen; }));
  EXPECT_TRUE(b.opened.size() == 1 || bed.run(kSecond, [&] { return b.opened.size() == 1; }));
  bed.run(12 * kSecond);
  EXPECT_EQ(b.endpoint.all(), b.opened) << "half open sessions go by themselves";
  EXPECT_LE(answered, asked);
}

TEST(Strangers, AMadeUpCookieProvesNothing) {
  Bed bed;
  Node& b = bed.add(small_config(9));  // 4 places, 2 of them half open
  Node& a = bed.add(small_config(1));
  Packet hello;
  bed.on_way = [&](uint8_t from, Packet& packet) {
    if (from == 1) hello = packet;
    return from == 0;
  };
  a.dial(0, bed.now);
  bed.run(kMillisecond);
  Carried carried;
  ASSERT_EQ(open_carried(hello.payload, carried), Drop::kNone);
  for (uint8_t i = 0; i < 20; ++i) {
    uint8_t* terms = hello.payload.data() + kFrameHeaderBytes + kCarryUnitBytes + 3;
    hello.headers.bytes[10] = 100 + i;  // another address, cookie and nonce
    terms[112] = terms[120] = 1 + i;
    seal_carried(hello.payload, carried.carry);
    bed.send(hello);
    bed.run(kMillisecond);
  }
  EXPECT_EQ(b.endpoint.all().size(), 2);
  EXPECT_GE(b.endpoint.counters().cookies_refused, 18);
}

TEST(Strangers, ACookieOfAnotherAddressOrTimeIsRefused) {
  Cookies cookies({1, 2, 3}, 4);
  const Address here = address_of(way_to(1, 0, 0, 0)), there = address_of(way_to(2, 0, 0, 0));
  const uint64_t cookie = cookies.make(here, 77, 100 * kSecond);
  EXPECT_TRUE(cookies.holds(cookie, here, 77, 100 * kSecond));
  EXPECT_TRUE(cookies.holds(cookie, here, 77, 107 * kSecond));
  EXPECT_FALSE(cookies.holds(cookie, here, 77, 117 * kSecond));
  EXPECT_FALSE(cookies.holds(cookie, there, 77, 100 * kSecond));
  EXPECT_FALSE(cookies.holds(cookie, here, 78, 100 * kSecond));
  EXPECT_FALSE(cookies.holds(0, here, 77, 100 * kSecond));
  EXPECT_FALSE(Cookies({1, 2, 4}, 4).holds(cookie, here, 77, 100 * kSecond));
}

TEST(Strangers, APeerWhoseClockWentBackGetsInByItsCookie) {
  Bed bed;
  Node& b = bed.add(small_config(9));
  bed.add(small_config(20)).dial(0, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 1; }));
  // What is on its way to the former life would be answered by the next one, and that answer ends the old session.
  bed.run(kSecond / 10);
  Node& a = bed.restart(1, small_config(10));
  const SessionId session = a.dial(0, bed.now);
  EXPECT_TRUE(bed.run(10 * kMillisecond, [&] { return a.endpoint.state(session) == State::kOpen; }))
      << "before anything is said in the old session";
  EXPECT_EQ(b.endpoint.counters().retries, 1);
  bed.run(12 * kSecond);
  EXPECT_EQ(a.endpoint.state(session), State::kOpen);
  EXPECT_EQ(b.endpoint.all().size(), 1) << "its former life has been silent";
}

TEST(Strangers, WhoHasACookieIsHeardWhereTheAddressIsFlooded) {
  EndpointConfig server = small_config(9);
  server.half_open = 0;  // everybody needs a cookie
  Bed bed;
  Node& b = bed.add(server);
  Node& a = bed.add(small_config(1));
  Packet hello;
  // The flood claims a's address, so that the budget of those without a cookie is always spent.
  bed.on_way = [&](uint8_t from, Packet& packet) {
    if (from == 1 && hello.payload.empty()) hello = packet;
    return true;
  };
  const SessionId session = a.dial(0, bed.now);
  bool flooded = false;
  for (int i = 0; i < 20'000 && a.endpoint.state(session) == State::kOpening; ++i) {
    // Not before a has its cookie: that HELLO has to find something of the budget.
    if (b.endpoint.counters().retries != 0 && !flooded) {
      for (int j = 0; j < 1000; ++j) b.take(hello, 0, bed.now);
      flooded = true;
      EXPECT_GT(b.endpoint.counters().hellos_ignored, 500);
    }
    if (flooded) b.take(hello, 0, bed.now);
    bed.run(10 * transport::kMicrosecond);
  }
  EXPECT_TRUE(flooded);
  EXPECT_EQ(a.endpoint.state(session), State::kOpen);
}

TEST(Strangers, AFloodFromMadeUpAddressesLeavesAnswersForAnHonestPeer) {
  Bed bed;
  EndpointConfig server = small_config(9);
  server.half_open = 0;
  Node& b = bed.add(server);
  Node& a = bed.add(small_config(1));
  Packet hello;
  bed.on_way = [&](uint8_t from, Packet& packet) {
    if (from == 1 && hello.payload.empty()) hello = packet;
    return packet.headers.bytes[3] == 0;
  };
  const SessionId first = a.dial(0, bed.now);
  bed.run(kMillisecond);
  a.endpoint.close(first, Reason::kDone, bed.now);
  bed.run(2 * kSecond);
  // Half a million frames a second, each from another address.
  Packet forged = hello;
  const auto flood = [&](uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      store_be(forged.headers.bytes.data() + 8, static_cast<uint32_t>(b.endpoint.counters().hellos * 2654435761u));
      forged.headers.bytes[9] |= 1;
      b.take(forged, 0, bed.now);
      if (i % 50 == 49) bed.run(100 * transport::kMicrosecond);
    }
  };
  flood(100'000);
  const SessionId session = a.dial(0, bed.now);
  flood(100'000);
  EXPECT_EQ(a.endpoint.state(session), State::kOpen);
}

TEST(Strangers, AProvenStrangerTakesThePlaceOfSomebodyHalfOpenBeforeThatOfSomebodyAway) {
  EndpointConfig few = small_config(9);
  few.sessions = 2;
  few.half_open = 2;
  Bed bed;
  Node& b = bed.add(few);
  for (uint64_t i = 1; i <= 3; ++i) bed.add(small_config(i));
  uint8_t mute = 0;  // a bit for each node
  bed.on_way = [&](uint8_t from, Packet& packet) {
    return (mute >> from & 1) == 0 && (mute >> packet.headers.bytes[4] & 1) == 0;
  };
  bed[1].dial(0, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 1; }));
  mute = 2;
  ASSERT_TRUE(bed.run(4 * kSecond, [&] { return b.endpoint.state(b.opened[0]) == State::kAway; }));
  Packet hello;
  bed.on_way = [&](uint8_t from, Packet& packet) {
    if (from == 2) hello = packet;
    return from != 0 || packet.headers.bytes[4] != 2 ? (mute >> from & 1) == 0 : false;
  };
  bed[2].dial(0, bed.now);
  bed.run(10 * kMillisecond);
  ASSERT_EQ(b.endpoint.all().size(), 2) << "one is half open, and one is away";
  bed[3].dial(0, bed.now);
  ASSERT_TRUE(bed.run(kSecond, [&] { return b.opened.size() == 2; }));
  EXPECT_TRUE(b.closed.empty()) << "who is away has ten seconds to come back";
}

TEST(Strangers, OneAddressTakesHalfOfThePlacesAtMost) {
  Bed bed;
  Node& b = bed.add(small_config(9));  // 4 places
  Node& a = bed.add(small_config(1));
  for (int i = 0; i < 4; ++i) a.dial(0, bed.now);
  bed.run(kSecond);
  EXPECT_EQ(b.opened.size(), 2);
}

TEST(Strangers, HellosOfOneAddressAreAnsweredSoManyTimesASecond) {
  Bed bed;
  Node& b = bed.add(small_config(9));
  Node& a = bed.add(small_config(1));
  Packet hello;
  bed.on_way = [&](uint8_t from, Packet& packet) {
    if (from == 1 && hello.payload.empty()) hello = packet;
    return from == 0;
  };
  a.dial(0, bed.now);
  bed.run(kMillisecond);
  const uint64_t before = bed.frames_from[0];
  for (int i = 0; i < 100'000; ++i) {
    bed.send(hello);
    bed.run(10 * transport::kMicrosecond);
  }
  EXPECT_LE(bed.frames_from[0] - before, 400) << "in a second";
  EXPECT_GT(b.endpoint.counters().hellos_ignored, 99'000);
}

}  // namespace
}  // namespace pfs::session
