#include "session/address.hpp"

#include <algorithm>

#include "base/endian.hpp"
#include "base/splitmix.hpp"

namespace pfs::session {
namespace {

constexpr uint16_t kVlan = 0x8100, kIpv4 = 0x0800, kIpv6 = 0x86DD;
constexpr uint32_t kVlanBytes = 4, kIpv4Bytes = 20, kIpv6Bytes = 40, kUdpBytes = 8;
constexpr uint16_t kVlanIdMask = 0x0FFF;

}  // namespace

Address address_of(const ReplyPath& to) noexcept {
  Address address{.port = to.port};
  const uint8_t* at = to.encapsulation.bytes.data();
  const uint32_t length = to.encapsulation.length;
  if (length < kEthernetHeaderBytes) return address;
  uint16_t kind = load_be<uint16_t>(at + 12);
  uint32_t link = kEthernetHeaderBytes;
  if (kind == kVlan && length >= link + kVlanBytes) {
    address.vlan = load_be<uint16_t>(at + 14) & kVlanIdMask;
    kind = load_be<uint16_t>(at + 16);
    link += kVlanBytes;
  }
  address.kind = kind;
  const uint8_t* ip = at + link;
  if (kind == kIpv4 && length == link + kIpv4Bytes + kUdpBytes) {
    std::copy_n(ip + 16, 4, address.host.begin());
    address.udp = load_be<uint16_t>(ip + kIpv4Bytes + 2);
  } else if (kind == kIpv6 && length == link + kIpv6Bytes + kUdpBytes) {
    std::copy_n(ip + 24, 16, address.host.begin());
    address.udp = load_be<uint16_t>(ip + kIpv6Bytes + 2);
  } else {
    std::copy_n(at, 6, address.host.begin());
  }
  return address;
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
