#include "session/neighbours/addressing.hpp"

#include <gtest/gtest.h>

#include "wire.hpp"

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
  EXPECT_EQ(addressing.payload(0, kStart), 1496u);
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
  EXPECT_EQ(addressing.payload(0, kStart), 1472u);
  EXPECT_EQ(addressing.payload(1, kStart), 1452u);
  EXPECT_EQ(addressing.payload(2, kStart), 1468u);
  EXPECT_EQ(addressing.payload(3, kStart), 0u);
  EXPECT_FALSE(addressing.resolve(3, kStart));
}

TEST(PathMtus, ARoutersWordMakesAPathShorterForTenMinutes) {
  PathMtus mtus(2);
  const TooBig message{.from = ip("10.9.0.1"), .to = ip("10.8.0.7"), .mtu = 1400};
  EXPECT_FALSE(mtus.on_too_big(message, kStart)) << "nobody sends there";
  EXPECT_EQ(mtus.towards(message.to, 1500, kStart), 1500u);
  EXPECT_TRUE(mtus.on_too_big(message, kStart));
  EXPECT_EQ(mtus.towards(message.to, 1500, kStart), 1400u);
  EXPECT_EQ(mtus.towards(message.to, 1280, kStart), 1280u) << "the port's own is less";
  EXPECT_FALSE(mtus.on_too_big({.to = message.to, .mtu = 1450}, kStart)) << "longer is not believed";
  EXPECT_EQ(mtus.towards(message.to, 1500, kStart + PathMtus::kLifetime), 1400u);
  EXPECT_EQ(mtus.towards(message.to, 1500, kStart + PathMtus::kLifetime + 1), 1500u);
}

TEST(PathMtus, NothingMakesAPathShorterThanEveryLinkMustCarry) {
  PathMtus mtus(2);
  for (const char* to : {"10.8.0.7", "fd01::7"}) {
    const uint32_t least = ip(to).v6 ? 1280 : 576;
    EXPECT_EQ(mtus.towards(ip(to), 1500, kStart), 1500u);
    EXPECT_FALSE(mtus.on_too_big({.to = ip(to), .mtu = 0}, kStart)) << "an old router does not say";
    EXPECT_TRUE(mtus.on_too_big({.to = ip(to), .mtu = 68}, kStart));
    EXPECT_EQ(mtus.towards(ip(to), 1500, kStart), least);
  }
}

TEST(PathMtus, ThePlaceOfWhatWasUsedLastStays) {
  PathMtus mtus(2);
  const IpAddress kept = ip("10.8.0.1");
  mtus.towards(kept, 1500, kStart);
  EXPECT_TRUE(mtus.on_too_big({.to = kept, .mtu = 1400}, kStart));
  for (uint8_t i = 2; i < 100; ++i) {
    EXPECT_EQ(mtus.towards(kept, 1500, kStart + i), 1400u);
    IpAddress other = kept;
    other.bytes[3] = i;
    mtus.towards(other, 1500, kStart + i);
  }
}

}  // namespace
}  // namespace pfs::session
