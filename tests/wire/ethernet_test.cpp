#include "wire/ethernet.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "../simd/guarded.hpp"
#include "base/endian.hpp"
#include "wire/frame.hpp"

namespace pfs {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr size_t kPayload = 9;  // bytes

Bytes ethernet(uint16_t type, bool vlan = false) {
  Bytes out(vlan ? 18 : 14);
  for (uint8_t i = 0; i < 12; ++i) out[i] = static_cast<uint8_t>(2 * i);
  if (vlan) store_be(out.data() + 12, uint16_t{0x8100});
  if (vlan) store_be(out.data() + 14, uint16_t{0x0064});
  store_be(out.data() + out.size() - 2, type);
  return out;
}

void add_udp(Bytes& frame, uint16_t port, size_t payload = kPayload) {
  uint8_t udp[8];
  store_be(udp, uint16_t{40000});
  store_be(udp + 2, port);
  store_be(udp + 4, static_cast<uint16_t>(8 + payload));
  store_be(udp + 6, uint16_t{0});
  frame.insert(frame.end(), udp, udp + 8);
  for (size_t i = 0; i < payload; ++i) frame.push_back(static_cast<uint8_t>(0xA0 + i));
}

Bytes ipv4(uint16_t port = kUdpPort, bool vlan = false, uint8_t options = 0) {
  Bytes frame = ethernet(0x0800, vlan);
  Bytes ip(20 + size_t{options} * 4);
  ip[0] = static_cast<uint8_t>(0x45 + options);
  store_be(ip.data() + 2, static_cast<uint16_t>(ip.size() + 8 + kPayload));
  ip[8] = 3;
  ip[9] = 17;
  for (uint8_t i = 0; i < 8; ++i) ip[12 + i] = static_cast<uint8_t>(10 + i);
  frame.insert(frame.end(), ip.begin(), ip.end());
  add_udp(frame, port);
  return frame;
}

Bytes ipv6(uint16_t port = kUdpPort, bool vlan = false) {
  Bytes frame = ethernet(0x86DD, vlan);
  Bytes ip(40);
  ip[0] = 0x60;
  store_be(ip.data() + 4, static_cast<uint16_t>(8 + kPayload));
  ip[6] = 17;
  ip[7] = 3;
  for (uint8_t i = 0; i < 32; ++i) ip[8 + i] = static_cast<uint8_t>(0x20 + i);
  frame.insert(frame.end(), ip.begin(), ip.end());
  add_udp(frame, port);
  return frame;
}

Bytes plain(bool vlan = false) {
  Bytes frame = ethernet(kEtherType, vlan);
  frame.insert(frame.end(), kPayload, 0xA0);
  return frame;
}

void expect_at(const Bytes& frame, uint32_t offset) {
  const auto located = locate_payload(frame);
  ASSERT_TRUE(located);
  EXPECT_EQ(located->offset, offset);
  EXPECT_EQ(located->bytes, kPayload);
  EXPECT_EQ(frame[located->offset], 0xA0);
}

TEST(Ethernet, ThePayloadIsFoundBehindEveryEncapsulation) {
  expect_at(plain(), 14);
  expect_at(plain(true), 18);
  expect_at(ipv4(), 14 + 20 + 8);
  expect_at(ipv4(kUdpPort, true), 18 + 20 + 8);
  expect_at(ipv4(kUdpPort, false, 3), 14 + 32 + 8);
  expect_at(ipv6(), 14 + 40 + 8);
  expect_at(ipv6(kUdpPort, true), 18 + 40 + 8);
}

TEST(Ethernet, PaddingBehindADatagramIsNotPayload) {
  for (Bytes frame : {ipv4(), ipv6()}) {
    frame.resize(frame.size() + 20);
    EXPECT_EQ(locate_payload(frame)->bytes, kPayload);
  }
}

TEST(Ethernet, OtherTrafficIsNotTaken) {
  EXPECT_FALSE(locate_payload(ethernet(0x0806)));
  EXPECT_FALSE(locate_payload(ipv4(53)));
  EXPECT_FALSE(locate_payload(ipv6(53)));
  Bytes frame = ipv4();
  frame[14 + 9] = 6;
  EXPECT_FALSE(locate_payload(frame)) << "TCP";
  frame = ipv6();
  frame[14 + 6] = 0;
  EXPECT_FALSE(locate_payload(frame)) << "an extension header";
  frame = ipv4();
  frame[14] = 0x44;
  EXPECT_FALSE(locate_payload(frame)) << "an IP header below 20 bytes";
  frame[14] = 0x65;
  EXPECT_FALSE(locate_payload(frame)) << "IP version 6 behind the EtherType of 4";
}

TEST(Ethernet, FragmentsAreNotTakenAndDontFragmentIsNoFragment) {
  for (const uint16_t field : {0x2000, 0x0001, 0x1FFF, 0x4000, 0x8000}) {
    Bytes frame = ipv4();
    store_be(frame.data() + 14 + 6, field);
    EXPECT_EQ(locate_payload(frame).has_value(), (field & 0x3FFF) == 0) << field;
  }
}

TEST(Ethernet, ADatagramLongerThanItsFrameOrShorterThanItsHeaderIsNotTaken) {
  for (const Bytes& good : {ipv4(), ipv6()}) {
    const size_t udp = good.size() - kPayload - 8;
    for (const uint16_t length : {0, 7, 8, 17, 18, 65535}) {
      Bytes frame = good;
      store_be(frame.data() + udp + 4, length);
      const auto located = locate_payload(frame);
      EXPECT_EQ(located.has_value(), length == 8 || length == 17) << length;
      if (located) {
        EXPECT_EQ(located->bytes, length - 8u);
      }
    }
  }
}

TEST(Ethernet, EveryTruncationIsReadWithinItsBounds) {
  Guarded memory(4096);
  for (const Bytes& frame : {plain(), plain(true), ipv4(), ipv4(kUdpPort, true, 10), ipv6(kUdpPort, true)}) {
    for (size_t length = 0; length <= frame.size(); ++length) {
      const uint8_t* at = memory.at_end(frame.data(), length);
      const auto located = locate_payload({at, length});
      if (located) {
        EXPECT_LE(located->offset + uint64_t{located->bytes}, length);
      }
      EncapsulationBuffer out;
      reverse_encapsulation({at, length}, out);
      EXPECT_LE(out.length, out.bytes.size());
    }
  }
}

/// The ones' complement sum over a correct header or datagram, checksum included, is all ones.
uint32_t ones_sum(const uint8_t* data, size_t bytes, uint32_t sum = 0) {
  for (size_t i = 0; i < bytes; ++i) sum += i % 2 == 0 ? data[i] << 8 : data[i];
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return sum;
}

Bytes reply_to(const Bytes& frame, size_t payload) {
  const auto located = locate_payload(frame);
  EncapsulationBuffer headers;
  reverse_encapsulation(std::span(frame).first(located->offset), headers);
  Bytes reply(headers.bytes.begin(), headers.bytes.begin() + headers.length);
  for (size_t i = 0; i < payload; ++i) reply.push_back(static_cast<uint8_t>(0xA0 + i));
  finish_encapsulation(reply, headers.length);
  return reply;
}

TEST(Ethernet, AReplyGoesBackToTheSendersAddressesAndPort) {
  for (const Bytes& frame : {ipv4(), ipv4(kUdpPort, true), ipv6(), ipv6(kUdpPort, true)}) {
    const Bytes reply = reply_to(frame, 21);
    ASSERT_EQ(reply.size(), frame.size() - kPayload + 21);
    EXPECT_EQ(Bytes(reply.begin(), reply.begin() + 6), Bytes(frame.begin() + 6, frame.begin() + 12));
    EXPECT_EQ(Bytes(reply.begin() + 6, reply.begin() + 12), Bytes(frame.begin(), frame.begin() + 6));
    const size_t udp = reply.size() - 21 - 8;
    EXPECT_EQ(load_be<uint16_t>(reply.data() + udp), kUdpPort);
    EXPECT_EQ(load_be<uint16_t>(reply.data() + udp + 2), 40000);
    EXPECT_EQ(load_be<uint16_t>(reply.data() + udp + 4), 8 + 21);
    EXPECT_EQ(reply[udp + 8], 0xA0);
  }
}

TEST(Ethernet, AReplysIpv4LengthsAndChecksumsHoldForOddAndEvenPayloads) {
  for (const size_t payload : {0, 1, 20, 21, 1400}) {
    const Bytes reply = reply_to(ipv4(kUdpPort, false, 2), payload);
    const uint8_t* ip = reply.data() + 14;
    EXPECT_EQ(ip[0], 0x45) << "the sender's options do not go back";
    EXPECT_EQ(load_be<uint16_t>(ip + 2), 28 + payload);
    EXPECT_EQ(ip[8], 64);
    EXPECT_EQ(Bytes(ip + 12, ip + 20), (Bytes{14, 15, 16, 17, 10, 11, 12, 13}));
    EXPECT_EQ(ones_sum(ip, 20), 0xFFFFu);
    EXPECT_EQ(ones_sum(ip + 20, 8 + payload, ones_sum(ip + 12, 8) + 17 + 8 + static_cast<uint32_t>(payload)), 0xFFFFu);
  }
}

TEST(Ethernet, AReplysIpv6LengthsAndChecksumsHold) {
  for (const size_t payload : {0, 1, 20, 21, 1400}) {
    const Bytes reply = reply_to(ipv6(), payload);
    const uint8_t* ip = reply.data() + 14;
    EXPECT_EQ(load_be<uint16_t>(ip + 4), 8 + payload);
    EXPECT_EQ(ip[7], 64);
    EXPECT_EQ(ip[8], 0x30);
    EXPECT_EQ(ip[24], 0x20);
    EXPECT_NE(load_be<uint16_t>(ip + 46), 0) << "IPv6 needs a checksum";
    EXPECT_EQ(ones_sum(ip + 40, 8 + payload, ones_sum(ip + 8, 32) + 17 + 8 + static_cast<uint32_t>(payload)), 0xFFFFu);
  }
}

TEST(Ethernet, PlainFramesKeepTheirTagAndNeedNoFinish) {
  const Bytes reply = reply_to(plain(true), 4);
  ASSERT_EQ(reply.size(), 18u + 4);
  EXPECT_EQ(load_be<uint16_t>(reply.data() + 12), 0x8100);
  EXPECT_EQ(load_be<uint16_t>(reply.data() + 14), 0x0064);
  EXPECT_EQ(load_be<uint16_t>(reply.data() + 16), kEtherType);
  EXPECT_EQ(reply[18], 0xA0);
}

TEST(Ethernet, EncapsulationIsAddressesAndEtherType) {
  const auto headers = ethernet_encapsulation(kBroadcast, {2, 0, 0, 0, 0, 9});
  EXPECT_EQ(Bytes(headers.bytes.begin(), headers.bytes.begin() + headers.length),
            (Bytes{255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 9, 0x13, 0x37}));
}

}  // namespace
}  // namespace pfs
