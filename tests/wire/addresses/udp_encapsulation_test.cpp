#include "wire/addresses/udp_encapsulation.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "wire/addresses/internet_checksum.hpp"

namespace pfs {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr MacAddress kNext = {2, 0, 0, 0, 0, 1};
constexpr MacAddress kOurs = {2, 0, 0, 0, 0, 2};

UdpEnds ends(const char* from, const char* to) {
  return {.from = *parse_ip(from), .to = *parse_ip(to), .hop_limit = 7};
}
const UdpEnds kV4 = ends("10.9.0.1", "10.8.0.2");
const UdpEnds kV6 = ends("fd00::1", "fd01::2");

Bytes frame_of(const EncapsulationBuffer& headers, size_t payload) {
  Bytes frame(headers.bytes.begin(), headers.bytes.begin() + headers.length);
  for (size_t i = 0; i < payload; ++i) frame.push_back(static_cast<uint8_t>(0xA0 + i * 7));
  return frame;
}

/// The sum over a datagram and its pseudo header, checksum included: 0xFFFF if it is right.
uint16_t sum_of(const Bytes& frame, size_t ip, bool v6) {
  const size_t header = v6 ? 40 : 20;
  InternetChecksum sum;
  sum.add(frame.data() + ip + (v6 ? 8 : 12), v6 ? 32 : 8);
  sum.add(static_cast<uint16_t>(frame.size() - ip - header));
  sum.add(uint16_t{17});
  sum.add(frame.data() + ip + header, frame.size() - ip - header);
  return sum.sum();
}

TEST(InternetChecksum, IsTheOneOfRfc1071) {
  const uint8_t example[] = {0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7};  // RFC 1071, section 3
  InternetChecksum sum;
  sum.add(example, sizeof example);
  EXPECT_EQ(sum.sum(), 0xDDF2);
  const uint8_t header[] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                            0xB8, 0x61, 0xC0, 0xA8, 0x00, 0x01, 0xC0, 0xA8, 0x00, 0xC7};
  InternetChecksum whole;
  whole.add(header, sizeof header);
  EXPECT_EQ(whole.sum(), 0xFFFF);
}

TEST(InternetChecksum, EveryLengthGivesTheSumOfItsWords) {
  const Bytes bytes = frame_of({}, 67);
  for (size_t length = 0; length <= bytes.size(); ++length) {
    uint32_t expected = 0;
    for (size_t i = 0; i < length; ++i) expected += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
    while (expected >> 16 != 0) expected = (expected & 0xFFFF) + (expected >> 16);
    InternetChecksum sum;
    sum.add(bytes.data(), length);
    EXPECT_EQ(sum.sum(), expected) << length;
  }
}

TEST(UdpEncapsulation, ItsPayloadIsFoundAgainBehindEveryKindOfHeaders) {
  for (const bool v6 : {false, true})
    for (const uint16_t vlan : {0, 100}) {
      Bytes frame = frame_of(udp_encapsulation(kNext, kOurs, vlan, v6 ? kV6 : kV4), 33);
      finish_encapsulation(frame, static_cast<uint32_t>(frame.size() - 33));
      const auto located = locate_payload(frame);
      ASSERT_TRUE(located);
      EXPECT_EQ(located->offset, (vlan == 0 ? 14u : 18u) + (v6 ? 48u : 28u));
      EXPECT_EQ(located->bytes, 33u);
      const Source source = source_of(std::span(frame).first(located->offset));
      EXPECT_EQ(source.mac, kOurs);
      EXPECT_EQ(source.vlan, vlan);
      EXPECT_EQ(source.ip, (v6 ? kV6 : kV4).from.bytes);
      EXPECT_EQ(destination_of(udp_encapsulation(kNext, kOurs, vlan, v6 ? kV6 : kV4)), (v6 ? kV6 : kV4).to);
    }
}

TEST(UdpEncapsulation, Ipv4MayNotBeFragmentedAndHasTheHopLimitThatIsAskedFor) {
  Bytes frame = frame_of(udp_encapsulation(kNext, kOurs, 0, kV4), 5);
  finish_encapsulation(frame, 42);
  EXPECT_EQ(frame[14 + 6], 0x40);
  EXPECT_EQ(frame[14 + 7], 0);
  EXPECT_EQ(frame[14 + 8], 7);
  InternetChecksum header;
  header.add(frame.data() + 14, 20);
  EXPECT_EQ(header.sum(), 0xFFFF);
  EXPECT_EQ(udp_encapsulation(kNext, kOurs, 0, kV6).bytes[14 + 7], 7);
}

TEST(UdpEncapsulation, ChecksumsHoldForEveryLength) {
  for (const bool v6 : {false, true})
    for (const uint16_t vlan : {0, 100})
      for (size_t payload = 0; payload < 40; ++payload) {
        const EncapsulationBuffer headers = udp_encapsulation(kNext, kOurs, vlan, v6 ? kV6 : kV4);
        Bytes frame = frame_of(headers, payload);
        finish_encapsulation(frame, headers.length);
        EXPECT_EQ(sum_of(frame, vlan == 0 ? 14 : 18, v6), 0xFFFF) << payload;
      }
}

TEST(UdpEncapsulation, AChecksumOfZeroIsSentAsAllOnes) {
  // The last two bytes are chosen so that everything in front of them sums to all ones.
  const EncapsulationBuffer headers = udp_encapsulation(kNext, kOurs, 0, kV6);
  Bytes frame = frame_of(headers, 2);
  frame[frame.size() - 1] = frame[frame.size() - 2] = 0;
  finish_encapsulation(frame, headers.length);
  const size_t checksum = headers.length - 2;
  frame[frame.size() - 2] = frame[checksum];
  frame[frame.size() - 1] = frame[checksum + 1];
  finish_encapsulation(frame, headers.length);
  EXPECT_EQ(frame[checksum], 0xFF);
  EXPECT_EQ(frame[checksum + 1], 0xFF);
}

TEST(UdpEncapsulation, ANicGetsTheSumOfThePseudoHeaderAndSumsTheRest) {
  for (const bool v6 : {false, true}) {
    const EncapsulationBuffer headers = udp_encapsulation(kNext, kOurs, 100, v6 ? kV6 : kV4);
    Bytes software = frame_of(headers, 31);
    Bytes frame = software;
    finish_encapsulation(software, headers.length);
    const auto places = prepare_encapsulation(frame, headers.length);
    ASSERT_TRUE(places);
    EXPECT_EQ(places->link_bytes, 18u);
    EXPECT_EQ(places->ip_bytes, v6 ? 40u : 20u);
    EXPECT_EQ(places->v6, v6);
    // What a NIC does: sum what lies behind the IP header, as it lies there, and the IP header.
    uint8_t* udp = frame.data() + 18 + places->ip_bytes;
    InternetChecksum datagram;
    datagram.add(udp, frame.size() - 18 - places->ip_bytes);
    store_be(udp + 6, datagram.checksum());
    if (!v6) {
      InternetChecksum header;
      header.add(frame.data() + 18, 20);
      store_be(frame.data() + 18 + 10, header.checksum());
    }
    EXPECT_EQ(frame, software);
  }
  Bytes plain = frame_of(ethernet_encapsulation(kNext, kOurs, 100), 31);
  EXPECT_FALSE(prepare_encapsulation(plain, 18));
}

TEST(UdpEncapsulation, ATagStandsBehindTheAddresses) {
  const auto headers = ethernet_encapsulation(kNext, kOurs, 0x0123);
  ASSERT_EQ(headers.length, 18);
  EXPECT_EQ(Bytes(headers.bytes.begin() + 12, headers.bytes.begin() + 18), (Bytes{0x81, 0, 0x01, 0x23, 0x13, 0x37}));
  EXPECT_EQ(payload_budget(1500, headers), 1496u);
}

}  // namespace
}  // namespace pfs
