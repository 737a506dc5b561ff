#pragma once

#include <cstdint>
#include <span>

#include "wire/addresses/ip_address.hpp"
#include "wire/drop.hpp"

namespace pfs {

/// What a router says of a datagram that it could not pass on: ICMP "fragmentation needed" (RFC 1191), or ICMPv6
/// "packet too big" (RFC 8201). The addresses are those of the datagram it quotes.
struct TooBig {
  IpAddress from;
  IpAddress to;
  uint16_t to_port = 0;  ///< of UDP
  uint32_t mtu = 0;      ///< bytes of IP packet that the next link takes; 0 where an old router does not say
};

/// Reads a frame from its Ethernet header on. kNone where it quotes a UDP datagram from port 4919; kNotPacketfs,
/// kTruncated or kBadChecksum otherwise.
Drop read_too_big(std::span<const uint8_t> frame, TooBig& out) noexcept;

/// Whether a frame that holds no payload of ours concerns addresses: ARP, neighbour discovery, or "too big". Looks at
/// types only; the readers judge.
bool concerns_addresses(std::span<const uint8_t> frame) noexcept;

}  // namespace pfs
