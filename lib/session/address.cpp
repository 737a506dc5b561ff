#include "session/address.hpp"

#include <algorithm>

#include "base/endian.hpp"
#include "base/splitmix.hpp"
#include "wire/addresses/link_header.hpp"

namespace pfs::session {

Address address_of(const ReplyPath& to) noexcept {
  Address address{.port = to.port};
  const uint8_t* at = to.encapsulation.bytes.data();
  const uint32_t length = to.encapsulation.length;
  const auto link = read_link_header({at, length});
  if (!link) return address;
  address.vlan = link->vlan;
  address.kind = link->ether_type;
  const uint8_t* ip = at + link->bytes;
  if (address.kind == kEtherTypeIpv4 && length == link->bytes + kIpv4Bytes + kUdpBytes) {
    std::copy_n(ip + 16, 4, address.host.begin());
    address.udp = load_be<uint16_t>(ip + kIpv4Bytes + 2);
  } else if (address.kind == kEtherTypeIpv6 && length == link->bytes + kIpv6Bytes + kUdpBytes) {
    std::copy_n(ip + 24, 16, address.host.begin());
    address.udp = load_be<uint16_t>(ip + kIpv6Bytes + 2);
  } else {
    std::copy_n(at, 6, address.host.begin());
  }
  return address;
}

Address address_of(const IpAddress& ip, uint16_t udp, uint16_t port, uint16_t vlan) noexcept {
  return {.host = ip.bytes, .port = port, .vlan = vlan, .udp = udp, .kind = ip.v6 ? kEtherTypeIpv6 : kEtherTypeIpv4};
}

uint64_t hash_of(const Address& address, uint64_t salt) noexcept {
  const uint64_t high = load_be<uint64_t>(address.host.data()), low = load_be<uint64_t>(address.host.data() + 8);
  const uint64_t rest = uint64_t{address.port} << 48 | uint64_t{address.vlan} << 32 | uint64_t{address.udp} << 16;
  return splitmix_mix(splitmix_mix(splitmix_mix(salt ^ high) ^ low) ^ rest);
}

bool is_group(const ReplyPath& to) noexcept {
  return to.encapsulation.length >= kEthernetHeaderBytes && (to.encapsulation.bytes[0] & 1) != 0;
}

}  // namespace pfs::session
