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
  const uint64_t ignored = b.endpoint.counters().hellos_ignored;
  bed.send(old);
  bed.run(5 * kSecond);
  EXPECT_EQ(b.endpoint.counters().hellos_ignored, ignored + 1);
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
