#include "wire/ethernet.hpp"

#include <algorithm>
#include <cstring>

#include "base/endian.hpp"
#include "wire/addresses/internet_checksum.hpp"
#include "wire/frame.hpp"

namespace pfs {
namespace {

/// Bytes of the IP header at `ip`, or 0 if no whole UDP datagram is behind it. `room` is the bytes from `ip` on.
uint32_t ip_header_bytes(const uint8_t* ip, uint64_t room, uint16_t ether_type) noexcept {
  if (ether_type == kEtherTypeIpv4) {
    if (room < kIpv4Bytes || ip[0] >> 4 != 4) return 0;
    const uint32_t bytes = (ip[0] & 15u) * 4;
    const bool fragment = (load_be<uint16_t>(ip + 6) & 0x3FFF) != 0;  // "more fragments", or an offset
    return bytes >= kIpv4Bytes && bytes <= room && !fragment && ip[9] == kProtocolUdp ? bytes : 0;
  }
  if (ether_type == kEtherTypeIpv6) {
    return room >= kIpv6Bytes && ip[0] >> 4 == 6 && ip[6] == kProtocolUdp ? kIpv6Bytes : 0;
  }
  return 0;
}

std::optional<Located> locate_datagram(std::span<const uint8_t> frame, const LinkHeader& link) noexcept {
  const uint8_t* ip = frame.data() + link.bytes;
  const uint64_t room = frame.size() - link.bytes;
  const uint32_t ip_bytes = ip_header_bytes(ip, room, link.ether_type);
  if (ip_bytes == 0 || room - ip_bytes < kUdpBytes) return std::nullopt;
  const uint8_t* udp = ip + ip_bytes;
  if (load_be<uint16_t>(udp + 2) != kUdpPort) return std::nullopt;
  const uint32_t length = load_be<uint16_t>(udp + 4);
  if (length < kUdpBytes || length > room - ip_bytes) return std::nullopt;
  return Located{.offset = link.bytes + ip_bytes + kUdpBytes, .bytes = length - kUdpBytes};
}

uint8_t* push(EncapsulationBuffer& out, const uint8_t* data, uint32_t bytes) noexcept {
  uint8_t* at = out.bytes.data() + out.length;
  std::memcpy(at, data, bytes);
  out.length = static_cast<uint8_t>(out.length + bytes);
  return at;
}

void push_be(EncapsulationBuffer& out, uint16_t value) noexcept {
  uint8_t bytes[2];
  store_be(bytes, value);
  push(out, bytes, 2);
}

void swap_bytes(uint8_t* a, uint8_t* b, uint32_t bytes) noexcept { std::swap_ranges(a, a + bytes, b); }

void reverse_ip(const uint8_t* ip, uint16_t ether_type, EncapsulationBuffer& out) noexcept {
  if (ether_type == kEtherTypeIpv6) {
    uint8_t* reply = push(out, ip, kIpv6Bytes);
    reply[7] = kHopLimit;
    swap_bytes(reply + 8, reply + 24, 16);
    return;
  }
  uint8_t* reply = push(out, ip, kIpv4Bytes);  // the options are the sender's, and are not sent back
  reply[0] = 0x45;
  store_be(reply + 4, uint16_t{0});       // identification: none is needed where nothing may fragment
  store_be(reply + 6, uint16_t{0x4000});  // don't fragment
  reply[8] = kHopLimit;
  swap_bytes(reply + 12, reply + 16, 4);
}

}  // namespace

std::optional<Located> locate_payload(std::span<const uint8_t> frame) noexcept {
  const auto link = read_link_header(frame);
  if (!link) return std::nullopt;
  if (link->ether_type == kEtherType) {
    return Located{.offset = link->bytes, .bytes = static_cast<uint32_t>(frame.size() - link->bytes)};
  }
  return locate_datagram(frame, *link);
}

Source source_of(std::span<const uint8_t> headers) noexcept {
  Source source;
  const auto link = read_link_header(headers);
  if (!link) return source;
  std::copy_n(headers.data() + source.mac.size(), source.mac.size(), source.mac.begin());
  source.vlan = link->vlan;
  const uint8_t* ip = headers.data() + link->bytes;
  if (ip_header_bytes(ip, headers.size() - link->bytes, link->ether_type) == 0) return source;
  if (link->ether_type == kEtherTypeIpv6)
    std::copy_n(ip + 8, 16, source.ip.begin());
  else
    std::copy_n(ip + 12, 4, source.ip.begin());
  return source;
}

void reverse_encapsulation(std::span<const uint8_t> headers, EncapsulationBuffer& out) noexcept {
  out.length = 0;
  const auto link = read_link_header(headers);
  if (!link) return;
  uint8_t* ethernet = push(out, headers.data(), link->bytes);
  swap_bytes(ethernet, ethernet + 6, 6);
  const uint8_t* ip = headers.data() + link->bytes;
  const uint64_t room = headers.size() - link->bytes;
  const uint32_t ip_bytes = ip_header_bytes(ip, room, link->ether_type);
  if (ip_bytes == 0 || room - ip_bytes < kUdpBytes) return;
  reverse_ip(ip, link->ether_type, out);
  uint8_t* udp = push(out, ip + ip_bytes, kUdpBytes);
  swap_bytes(udp, udp + 2, 2);
}

EncapsulationBuffer ethernet_encapsulation(const MacAddress& to, const MacAddress& from, uint16_t vlan,
                                           uint16_t ether_type) noexcept {
  EncapsulationBuffer out;
  push(out, to.data(), 6);
  push(out, from.data(), 6);
  if (vlan != 0) {
    push_be(out, kEtherTypeVlan);
    push_be(out, vlan);
  }
  push_be(out, ether_type);
  return out;
}

std::optional<ChecksumPlaces> prepare_encapsulation(std::span<uint8_t> frame, uint32_t header_bytes) noexcept {
  const auto link = read_link_header(frame);
  if (!link || header_bytes < link->bytes + kIpv4Bytes + kUdpBytes || frame.size() < header_bytes) return std::nullopt;
  const bool v6 = link->ether_type == kEtherTypeIpv6;
  if (!v6 && link->ether_type != kEtherTypeIpv4) return std::nullopt;
  uint8_t* ip = frame.data() + link->bytes;
  const auto ip_bytes = static_cast<uint16_t>(header_bytes - kUdpBytes - link->bytes);
  const auto datagram = static_cast<uint16_t>(frame.size() - link->bytes - ip_bytes);
  InternetChecksum pseudo;
  pseudo.add(kProtocolUdp);
  pseudo.add(datagram);
  if (v6) {
    store_be(ip + 4, datagram);
    pseudo.add(ip + 8, 32);
  } else {
    store_be(ip + 2, static_cast<uint16_t>(datagram + ip_bytes));
    store_be(ip + 10, uint16_t{0});
    pseudo.add(ip + 12, 8);
  }
  store_be(ip + ip_bytes + 4, datagram);
  store_be(ip + ip_bytes + 6, pseudo.sum());
  return ChecksumPlaces{.link_bytes = link->bytes, .ip_bytes = ip_bytes, .v6 = v6};
}

void finish_ipv4_header(uint8_t* header, uint32_t bytes) noexcept {
  store_be(header + 10, uint16_t{0});
  InternetChecksum sum;
  sum.add(header, bytes);
  store_be(header + 10, sum.checksum());
}

void finish_encapsulation(std::span<uint8_t> frame, uint32_t header_bytes) noexcept {
  const auto places = prepare_encapsulation(frame, header_bytes);
  if (!places) return;
  uint8_t* ip = frame.data() + places->link_bytes;
  if (!places->v6) finish_ipv4_header(ip, places->ip_bytes);
  uint8_t* udp = ip + places->ip_bytes;
  InternetChecksum datagram;  // the pseudo header's sum stands in the checksum's place already
  datagram.add(udp, frame.size() - places->link_bytes - places->ip_bytes);
  const uint16_t checksum = datagram.checksum();
  store_be(udp + 6, checksum == 0 ? uint16_t{0xFFFF} : checksum);  // 0 would mean that there is no checksum
}

}  // namespace pfs
