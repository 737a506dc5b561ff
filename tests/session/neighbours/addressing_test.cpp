#include "session/neighbours/addressing.hpp"

#include <gtest/gtest.h>

#include "wire.hpp"
#include "wire/addresses/internet_checksum.hpp"
#include "wire/addresses/link_header.hpp"
#include "wire/frame.hpp"

namespace pfs::session {
namespace {

using transport::kSecond;

constexpr Time kStart = 1000 * kSecond;

PathAddress over_udp(const char* local, const char* remote, const char* gateway = nullptr) {
  PathAddress path{.port = 3, .mac = kOurMac, .udp = UdpPath{.local = *parse_prefix(local)}};
  if (remote != nullptr) path.udp->remote = ip(remote);
  if (gateway != nullptr) path.udp->gateway = ip(gateway);
  return path;
}

/// Answers every request that the paths' next hops are asked with.
void answer_all(Addressing& addressing, const MacAddress& mac, Time now) {
  for (NeighbourFrame frame; addressing.next(now, frame);) {
    const NeighbourMessage request = read(frame);
    const Machine them{
        {.port = frame.port, .vlan = read_link_header(frame.frame())->vlan, .mac = mac, .ip = request.target}};
    EXPECT_EQ(addressing.on_frame(them.answer(request.from, request.from_mac).frame(), frame.port, now), Drop::kNone);
  }
}

MacAddress destination(const EncapsulationBuffer& headers) {
  MacAddress mac{};
  std::copy_n(headers.bytes.begin(), 6, mac.begin());
  return mac;
}

TEST(Addressing, PlainEthernetNeedsNobody) {
  Addressing addressing(std::array{PathAddress{.mac = kOurMac, .vlan = 7, .peer = kTheirMac}});
  const auto headers = addressing.resolve(0, kStart);
  ASSERT_TRUE(headers);
  EXPECT_EQ(destination(*headers), kTheirMac);
  EXPECT_EQ(headers->length, 18);
  EXPECT_EQ(addressing.payload(0), 1496u);
  EXPECT_EQ(addressing.next_event(), transport::kNever);
}

TEST(Addressing, TheNextHopIsThePeerOnOurLinkAndOtherwiseTheGateway) {
  EXPECT_EQ(over_udp("10.9.0.1/24", "10.9.0.7", "10.9.0.254").udp->next_hop(), ip("10.9.0.7"));
  EXPECT_EQ(over_udp("10.9.0.1/24", "10.8.0.7", "10.9.0.254").udp->next_hop(), ip("10.9.0.254"));
  EXPECT_EQ(over_udp("fd00::1/64", "fd00::2", "fe80::1").udp->next_hop(), ip("fd00::2"));
  EXPECT_EQ(over_udp("fd00::1/64", "fd01::2", "fe80::1").udp->next_hop(), ip("fe80::1"));
  EXPECT_FALSE(over_udp("10.9.0.1/24", "10.8.0.7").udp->next_hop());
}

TEST(Addressing, AUdpPathHasHeadersOnceItsNextHopHasAnswered) {
  Addressing addressing(std::array{over_udp("10.9.0.1/24", "10.8.0.7", "10.9.0.254")});
  EXPECT_FALSE(addressing.resolve(0, kStart));
  const uint32_t before = addressing.changes();
  answer_all(addressing, kTheirMac, kStart);
  EXPECT_NE(addressing.changes(), before);
  const auto headers = addressing.resolve(0, kStart);
  ASSERT_TRUE(headers);
  EXPECT_EQ(destination(*headers), kTheirMac);
  EXPECT_EQ(destination_of(*headers), ip("10.8.0.7"));
}

TEST(Addressing, AStaticNextHopIsNotAskedForAndTheAddressIsAnsweredForAllTheSame) {
  PathAddress path = over_udp("fd00::1/64", "fd01::7");
  path.peer = kTheirMac;
  Addressing addressing(std::array{path});
  ASSERT_TRUE(addressing.resolve(0, kStart));
  EXPECT_EQ(addressing.next_event(), transport::kNever);
  const Machine them{{.port = 3, .mac = kTheirMac, .ip = ip("fd00::2")}};
  EXPECT_EQ(addressing.on_frame(them.request(ip("fd00::1")).frame(), 3, kStart), Drop::kNone);
  NeighbourFrame answer;
  EXPECT_TRUE(addressing.next(kStart, answer));
}

TEST(Addressing, ThePathsOfOneNextHopAskForItOnce) {
  PathAddress other_port = over_udp("10.9.0.1/24", "10.9.0.7");
  other_port.port = 4;
  Addressing addressing(
      std::array{over_udp("10.9.0.1/24", "10.9.0.7"), over_udp("10.9.0.1/24", "10.9.0.7"), other_port});
  for (size_t path = 0; path < 3; ++path) addressing.resolve(path, kStart);
  uint32_t requests = 0;
  for (NeighbourFrame frame; addressing.next(kStart, frame);) ++requests;
  EXPECT_EQ(requests, 2u);
}

TEST(Addressing, AnAddressThatIsTheKernelsTooIsNeitherAnsweredForNorAskedFrom) {
  PathAddress path = over_udp("10.9.0.1/24", "10.9.0.7");
  path.kernel = true;
  Addressing addressing(std::array{path});
  EXPECT_FALSE(addressing.resolve(0, kStart));
  const Machine them{{.port = 3, .mac = kTheirMac, .ip = ip("10.9.0.7")}};
  EXPECT_EQ(addressing.on_frame(them.request(ip("10.9.0.1")).frame(), 3, kStart), Drop::kNotPacketfs);
  NeighbourFrame frame;
  EXPECT_FALSE(addressing.next(kStart, frame));
  addressing.learn(0, kTheirMac, kStart);
  EXPECT_TRUE(addressing.resolve(0, kStart));
}

TEST(Addressing, ADoubtedPathAsksEverybodyAndFollowsItsNextHop) {
  Addressing addressing(std::array{over_udp("fd00::1/64", "fd00::7")});
  addressing.resolve(0, kStart);
  answer_all(addressing, kTheirMac, kStart);
  addressing.doubt(0, kStart + kSecond);
  EXPECT_EQ(destination(*addressing.resolve(0, kStart + kSecond)), kTheirMac) << "used until something better is known";
  answer_all(addressing, kOtherMac, kStart + kSecond);
  EXPECT_EQ(destination(*addressing.resolve(0, kStart + kSecond)), kOtherMac);
}

TEST(Addressing, APayloadIsWhatThePortAllowsBehindTheHeaders) {
  PathAddress tagged = over_udp("10.9.0.1/24", "10.9.0.7");
  tagged.vlan = 9;
  Addressing addressing(std::array{over_udp("10.9.0.1/24", "10.9.0.7"), over_udp("fd00::1/64", "fd00::7"), tagged,
                                   over_udp("10.9.0.1/24", nullptr)});
  EXPECT_EQ(addressing.payload(0), 1472u);
  EXPECT_EQ(addressing.payload(1), 1452u);
  EXPECT_EQ(addressing.payload(2), 1468u);
  EXPECT_EQ(addressing.payload(3), 0u);
  EXPECT_FALSE(addressing.resolve(3, kStart));
}

/// ICMP "fragmentation needed", which quotes a datagram of ours.
std::vector<uint8_t> too_big(const char* from, const char* to, uint16_t mtu) {
  std::vector<uint8_t> frame(kEthernetHeaderBytes + kIpv4Bytes + 8 + kIpv4Bytes + kUdpBytes);
  store_be(frame.data() + 12, kEtherTypeIpv4);
  uint8_t* packet = frame.data() + kEthernetHeaderBytes;
  packet[0] = 0x45;
  packet[9] = kProtocolIcmp;
  store_be(packet + 2, static_cast<uint16_t>(frame.size() - kEthernetHeaderBytes));
  uint8_t* icmp = packet + kIpv4Bytes;
  icmp[0] = 3;
  icmp[1] = 4;
  store_be(icmp + 6, mtu);
  uint8_t* quoted = icmp + 8;
  quoted[0] = 0x45;
  quoted[9] = kProtocolUdp;
  std::copy_n(ip(from).bytes.begin(), 4, quoted + 12);
  std::copy_n(ip(to).bytes.begin(), 4, quoted + 16);
  store_be(quoted + kIpv4Bytes, kUdpPort);
  store_be(quoted + kIpv4Bytes + 2, kUdpPort);
  InternetChecksum sum;
  sum.add(icmp, static_cast<uint32_t>(frame.data() + frame.size() - icmp));
  store_be(icmp + 2, sum.checksum());
  return frame;
}

TEST(Addressing, ARoutersWordIsAHintAboutOneOfOurPaths) {
  Addressing addressing(std::array{over_udp("10.9.0.1/24", "10.9.0.7")});
  ASSERT_EQ(addressing.on_frame(too_big("10.9.0.1", "10.9.0.7", 1400), 3, kStart), Drop::kNone);
  const auto hint = addressing.take_hint();
  ASSERT_TRUE(hint);
  EXPECT_EQ(hint->payload, 1372u);
  addressing.learn(0, kTheirMac, kStart);
  answer_all(addressing, kTheirMac, kStart);
  addressing.resolve(0, kStart);
  answer_all(addressing, kTheirMac, kStart);
  EXPECT_EQ(hint->to, address_of({.port = 3, .encapsulation = *addressing.resolve(0, kStart)}));
  EXPECT_FALSE(addressing.take_hint());
}

TEST(Addressing, AWordAboutStrangersOrBelowWhatEveryLinkTakesIsIgnoredAndCounted) {
  Addressing addressing(std::array{over_udp("10.9.0.1/24", "10.9.0.7")});
  EXPECT_EQ(addressing.on_frame(too_big("10.9.0.2", "10.9.0.7", 1400), 3, kStart), Drop::kUnasked);
  EXPECT_EQ(addressing.on_frame(too_big("10.9.0.1", "10.9.0.7", 1400), 4, kStart), Drop::kUnasked) << "another port";
  for (const uint16_t mtu : {0, 68, 575})
    EXPECT_EQ(addressing.on_frame(too_big("10.9.0.1", "10.9.0.7", mtu), 3, kStart), Drop::kUnasked) << mtu;
  EXPECT_FALSE(addressing.take_hint());
  EXPECT_EQ(addressing.counters().too_big_ignored, 5u);
}

}  // namespace
}  // namespace pfs::session
