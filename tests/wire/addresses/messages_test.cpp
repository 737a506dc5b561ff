// ARP, neighbour discovery and "too big", as they are read and written.
#include <gtest/gtest.h>

#include <vector>

#include "../../simd/guarded.hpp"
#include "wire/addresses/arp.hpp"
#include "wire/addresses/internet_checksum.hpp"
#include "wire/addresses/neighbour_discovery.hpp"
#include "wire/addresses/too_big.hpp"
#include "wire/addresses/udp_encapsulation.hpp"

namespace pfs {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr MacAddress kA = {2, 0, 0, 0, 0, 0xA};
constexpr MacAddress kB = {2, 0, 0, 0, 0, 0xB};
IpAddress ip(const char* text) { return *parse_ip(text); }

TEST(Arp, ARequestIsReadAsItWasWrittenByAnotherProgram) {
  // arping -I veth0 10.9.0.2, captured.
  const Bytes bytes = {0,  1, 8, 0, 6,   4,   0,   1,   2,   0,   0,  0, 0, 0xA,
                       10, 9, 0, 1, 255, 255, 255, 255, 255, 255, 10, 9, 0, 2};
  const auto arp = read_arp(bytes);
  ASSERT_TRUE(arp);
  EXPECT_FALSE(arp->reply);
  EXPECT_EQ(arp->sender_mac, kA);
  EXPECT_EQ(arp->sender, ip("10.9.0.1"));
  EXPECT_EQ(arp->target, ip("10.9.0.2"));
  Bytes written(kArpBytes);
  write_arp(written.data(), *arp);
  EXPECT_EQ(written, bytes);
}

TEST(Arp, OtherKindsOfArpAreNone) {
  Bytes good(kArpBytes);
  write_arp(good.data(), {.reply = true, .sender_mac = kA, .sender = ip("10.9.0.1"), .target = ip("10.9.0.2")});
  ASSERT_TRUE(read_arp(good));
  EXPECT_TRUE(read_arp(good)->reply);
  for (const size_t at : {1, 2, 4, 5, 7}) {
    Bytes bad = good;
    bad[at] = 9;
    EXPECT_FALSE(read_arp(bad)) << at;
  }
  EXPECT_FALSE(read_arp(std::span(good).first(kArpBytes - 1)));
}

Bytes discovery(const DiscoveryMessage& message) {
  Bytes packet(kDiscoveryBytes);
  write_discovery(packet.data(), message);
  return packet;
}

const DiscoveryMessage kAdvertisement{.advertisement = true,
                                      .solicited = true,
                                      .from = ip("fd00::1"),
                                      .to = ip("fd00::2"),
                                      .target = ip("fd00::1"),
                                      .mac = kA};

TEST(Discovery, MessagesAreReadAsTheyWereWritten) {
  DiscoveryMessage solicitation{
      .from = ip("fd00::1"), .to = solicited_node(ip("fd00::2")), .target = ip("fd00::2"), .mac = kA};
  for (const DiscoveryMessage& message : {kAdvertisement, solicitation}) {
    DiscoveryMessage out;
    ASSERT_EQ(read_discovery(discovery(message), out), Drop::kNone);
    EXPECT_EQ(out.advertisement, message.advertisement);
    EXPECT_EQ(out.solicited, message.solicited);
    EXPECT_EQ(out.from, message.from);
    EXPECT_EQ(out.to, message.to);
    EXPECT_EQ(out.target, message.target);
    EXPECT_EQ(out.mac, message.mac);
  }
}

TEST(Discovery, GroupsAreThoseOfRfc4291AndRfc2464) {
  EXPECT_EQ(to_text(solicited_node(ip("fd00::1234:5678"))), "ff02::1:ff34:5678");
  EXPECT_EQ(to_text(group_mac(solicited_node(ip("fd00::1234:5678")))), "33:33:ff:34:56:78");
}

TEST(Discovery, AMessageFromBehindARouterIsNone) {
  Bytes packet = discovery(kAdvertisement);
  packet[7] = 254;
  DiscoveryMessage out;
  EXPECT_EQ(read_discovery(packet, out), Drop::kNotPacketfs);
}

TEST(Discovery, EveryFlippedBitOfTheMessageIsFound) {
  const Bytes good = discovery(kAdvertisement);
  for (size_t bit = size_t{kIpv6Bytes} * 8; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    DiscoveryMessage out;
    EXPECT_NE(read_discovery(bad, out), Drop::kNone) << bit;
  }
}

TEST(Discovery, OptionsThatDoNotFitAreTruncatedAndUnknownOnesAreSkipped) {
  const auto with = [](Bytes options) {
    Bytes packet = discovery(kAdvertisement);
    packet.resize(kIpv6Bytes + 24);
    packet.insert(packet.end(), options.begin(), options.end());
    store_be(packet.data() + 4, static_cast<uint16_t>(packet.size() - kIpv6Bytes));
    store_be(packet.data() + kIpv6Bytes + 2, uint16_t{0});
    InternetChecksum sum;
    sum.add(packet.data() + 8, 32);
    sum.add(static_cast<uint16_t>(packet.size() - kIpv6Bytes));
    sum.add(uint16_t{58});
    sum.add(packet.data() + kIpv6Bytes, packet.size() - kIpv6Bytes);
    store_be(packet.data() + kIpv6Bytes + 2, sum.checksum());
    return packet;
  };
  DiscoveryMessage out;
  EXPECT_EQ(read_discovery(with({2, 0, 0, 0, 0, 0, 0, 0}), out), Drop::kTruncated) << "a length of 0 would never end";
  EXPECT_EQ(read_discovery(with({2, 2, 0, 0, 0, 0, 0, 0}), out), Drop::kTruncated);
  EXPECT_EQ(read_discovery(with({2}), out), Drop::kTruncated);
  EXPECT_EQ(read_discovery(with({}), out), Drop::kNone);
  EXPECT_FALSE(out.mac);
  EXPECT_EQ(read_discovery(with({14, 1, 1, 2, 3, 4, 5, 6, 2, 1, 2, 0, 0, 0, 0, 0xB}), out), Drop::kNone);
  EXPECT_EQ(out.mac, kB);
}

/// A router's message about one of our datagrams, as Linux sends it.
Bytes too_big(bool v6, uint32_t mtu, uint16_t vlan = 0, size_t quoted = 60) {
  const UdpEnds ours{.from = ip(v6 ? "fd00::1" : "10.9.0.1"), .to = ip(v6 ? "fd01::2" : "10.8.0.2")};
  const auto headers = udp_encapsulation(kB, kA, 0, ours);
  Bytes datagram(headers.bytes.begin() + 14, headers.bytes.begin() + headers.length);
  datagram.resize(quoted);
  Bytes icmp(8);
  icmp[0] = v6 ? 2 : 3;
  icmp[1] = v6 ? 0 : 4;
  if (v6)
    store_be(icmp.data() + 4, mtu);
  else
    store_be(icmp.data() + 6, static_cast<uint16_t>(mtu));
  icmp.insert(icmp.end(), datagram.begin(), datagram.end());
  const auto link = ethernet_encapsulation(kA, kB, vlan, v6 ? kEtherTypeIpv6 : kEtherTypeIpv4);
  Bytes frame(link.bytes.begin(), link.bytes.begin() + link.length);
  Bytes header(v6 ? 40 : 20);
  InternetChecksum sum;
  const IpAddress router = ip(v6 ? "fd00::ff" : "10.9.0.254");
  if (v6) {
    header[0] = 0x60;
    store_be(header.data() + 4, static_cast<uint16_t>(icmp.size()));
    header[6] = 58;
    std::copy_n(router.bytes.data(), 16, header.data() + 8);
    std::copy_n(ours.from.bytes.data(), 16, header.data() + 24);
    sum.add(header.data() + 8, 32);
    sum.add(static_cast<uint16_t>(icmp.size()));
    sum.add(uint16_t{58});
  } else {
    header[0] = 0x45;
    store_be(header.data() + 2, static_cast<uint16_t>(20 + icmp.size()));
    header[9] = 1;
    std::copy_n(router.bytes.data(), 4, header.data() + 12);
    std::copy_n(ours.from.bytes.data(), 4, header.data() + 16);
  }
  sum.add(icmp.data(), icmp.size());
  store_be(icmp.data() + 2, sum.checksum());
  frame.insert(frame.end(), header.begin(), header.end());
  frame.insert(frame.end(), icmp.begin(), icmp.end());
  return frame;
}

TEST(TooBig, TellsTheMtuAndWhoseDatagramItWas) {
  for (const bool v6 : {false, true})
    for (const uint16_t vlan : {0, 5}) {
      TooBig out;
      ASSERT_EQ(read_too_big(too_big(v6, 1400, vlan), out), Drop::kNone);
      EXPECT_EQ(out.mtu, 1400u);
      EXPECT_EQ(out.from, ip(v6 ? "fd00::1" : "10.9.0.1"));
      EXPECT_EQ(out.to, ip(v6 ? "fd01::2" : "10.8.0.2"));
    }
}

TEST(TooBig, PaddingBehindTheMessageDoesNotMatter) {
  Bytes frame = too_big(false, 1400, 0, 28);
  frame.resize(frame.size() + 9);
  TooBig out;
  EXPECT_EQ(read_too_big(frame, out), Drop::kNone);
}

TEST(TooBig, ADatagramThatIsNotOursIsNotLookedAt) {
  TooBig out;
  for (const bool v6 : {false, true}) {
    Bytes frame = too_big(v6, 1400);
    const size_t icmp = 14 + (v6 ? 40 : 20);
    const size_t port = icmp + 8 + (v6 ? 40 : 20);
    --frame[port + 1];  // and the checksum of the message to match
    store_be(frame.data() + icmp + 2, static_cast<uint16_t>(load_be<uint16_t>(frame.data() + icmp + 2) + 1));
    EXPECT_EQ(read_too_big(frame, out), Drop::kNotPacketfs) << v6;
  }
}

TEST(TooBig, EveryFlippedBitOfTheMessageIsFound) {
  for (const bool v6 : {false, true}) {
    const Bytes good = too_big(v6, 1400);
    for (size_t bit = (14 + (v6 ? 40u : 20u)) * 8; bit < good.size() * 8; ++bit) {
      Bytes bad = good;
      bad[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      TooBig out;
      EXPECT_NE(read_too_big(bad, out), Drop::kNone) << bit;
    }
  }
}

TEST(TooBig, EveryTruncationIsReadWithinItsBounds) {
  Guarded memory(4096);
  Bytes arp(14 + kArpBytes);
  store_be(arp.data() + 12, kEtherTypeArp);
  Bytes advertisement(14);
  store_be(advertisement.data() + 12, kEtherTypeIpv6);
  const Bytes packet = discovery(kAdvertisement);
  advertisement.insert(advertisement.end(), packet.begin(), packet.end());
  for (const Bytes& frame : {too_big(false, 1400), too_big(true, 1400, 3), arp, advertisement})
    for (size_t length = 0; length <= frame.size(); ++length) {
      const uint8_t* at = memory.at_end(frame.data(), length);
      TooBig out;
      if (length < frame.size()) {
        EXPECT_NE(read_too_big({at, length}, out), Drop::kNone);
      }
      concerns_addresses({at, length});
      DiscoveryMessage message;
      if (length >= 14) read_discovery({at + 14, length - 14}, message);
      if (length >= 14) read_arp({at + 14, length - 14});
    }
}

TEST(TooBig, OnlyFramesAboutAddressesConcernThem) {
  const auto with_type = [](uint16_t type) {
    const auto headers = ethernet_encapsulation(kA, kB, 0, type);
    Bytes frame(headers.bytes.begin(), headers.bytes.begin() + headers.length);
    frame.resize(60);
    return frame;
  };
  EXPECT_TRUE(concerns_addresses(with_type(kEtherTypeArp)));
  EXPECT_TRUE(concerns_addresses(too_big(false, 1400)));
  EXPECT_TRUE(concerns_addresses(too_big(true, 1400, 7)));
  Bytes advertisement = with_type(kEtherTypeIpv6);
  const Bytes packet = discovery(kAdvertisement);
  advertisement.resize(14);
  advertisement.insert(advertisement.end(), packet.begin(), packet.end());
  EXPECT_TRUE(concerns_addresses(advertisement));
  advertisement[14 + 40] = 128;
  EXPECT_FALSE(concerns_addresses(advertisement)) << "an echo request";
  Bytes unreachable = too_big(false, 1400);
  unreachable[14 + 20 + 1] = 3;
  EXPECT_FALSE(concerns_addresses(unreachable)) << "port unreachable";
  EXPECT_FALSE(concerns_addresses(with_type(kEtherTypeIpv4)));
  EXPECT_FALSE(concerns_addresses(with_type(0x88CC)));
}

}  // namespace
}  // namespace pfs
