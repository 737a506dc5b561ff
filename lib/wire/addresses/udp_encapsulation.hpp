#pragma once

#include <cstdint>

#include "wire/addresses/ip_address.hpp"
#include "wire/ethernet.hpp"

namespace pfs {

/// Both ends of a UDP path. The addresses are of the same version.
struct UdpEnds {
  IpAddress from;
  IpAddress to;
  uint8_t hop_limit = kHopLimit;
};

/// Headers that take a payload to port 4919 of another machine, and from port 4919, where the answers go: Ethernet
/// (with an 802.1Q tag where `vlan` is not 0), IPv4 with don't-fragment or IPv6, and UDP. `next_hop`: the MAC address
/// of the machine or of the router before it. finish_encapsulation() sets lengths and checksums.
EncapsulationBuffer udp_encapsulation(const MacAddress& next_hop, const MacAddress& from, uint16_t vlan,
                                      const UdpEnds& ends) noexcept;

/// The IP address that the headers lead to; nothing for plain Ethernet.
std::optional<IpAddress> destination_of(const EncapsulationBuffer& headers) noexcept;

}  // namespace pfs
