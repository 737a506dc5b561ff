#include "wire/addresses/udp_encapsulation.hpp"

#include <algorithm>

#include "base/endian.hpp"
#include "wire/frame.hpp"

namespace pfs {
namespace {

constexpr uint16_t kDontFragment = 0x4000;

/// Appends zeros and returns where they begin.
uint8_t* append(EncapsulationBuffer& out, uint32_t bytes) noexcept {
  uint8_t* at = out.bytes.data() + out.length;
  std::fill_n(at, bytes, uint8_t{0});
  out.length = static_cast<uint8_t>(out.length + bytes);
  return at;
}

/// No identification: none is needed where nothing may fragment (RFC 6864).
void append_ipv4(EncapsulationBuffer& out, const UdpEnds& ends) noexcept {
  uint8_t* ip = append(out, kIpv4Bytes);
  ip[0] = 0x45;
  store_be(ip + 6, kDontFragment);
  ip[8] = ends.hop_limit;
  ip[9] = kProtocolUdp;
  std::copy_n(ends.from.bytes.data(), 4, ip + 12);
  std::copy_n(ends.to.bytes.data(), 4, ip + 16);
}

void append_ipv6(EncapsulationBuffer& out, const UdpEnds& ends) noexcept {
  uint8_t* ip = append(out, kIpv6Bytes);
  ip[0] = 0x60;
  ip[6] = kProtocolUdp;
  ip[7] = ends.hop_limit;
  std::copy_n(ends.from.bytes.data(), 16, ip + 8);
  std::copy_n(ends.to.bytes.data(), 16, ip + 24);
}

}  // namespace

EncapsulationBuffer udp_encapsulation(const MacAddress& next_hop, const MacAddress& from, uint16_t vlan,
                                      const UdpEnds& ends) noexcept {
  EncapsulationBuffer out = ethernet_encapsulation(next_hop, from, vlan, ends.to.v6 ? kEtherTypeIpv6 : kEtherTypeIpv4);
  if (ends.to.v6)
    append_ipv6(out, ends);
  else
    append_ipv4(out, ends);
  uint8_t* udp = append(out, kUdpBytes);
  store_be(udp, kUdpPort);
  store_be(udp + 2, kUdpPort);
  return out;
}

std::optional<IpAddress> destination_of(const EncapsulationBuffer& headers) noexcept {
  const auto link = read_link_header({headers.bytes.data(), headers.length});
  if (!link) return std::nullopt;
  const uint8_t* ip = headers.bytes.data() + link->bytes;
  if (link->ether_type == kEtherTypeIpv6 && headers.length >= link->bytes + kIpv6Bytes) return ip_at(ip + 24, true);
  if (link->ether_type == kEtherTypeIpv4 && headers.length >= link->bytes + kIpv4Bytes) return ip_at(ip + 16, false);
  return std::nullopt;
}

}  // namespace pfs
