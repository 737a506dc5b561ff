#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "wire/addresses/ip_address.hpp"
#include "wire/addresses/link_header.hpp"
#include "wire/drop.hpp"

namespace pfs {

constexpr uint32_t kDiscoveryBytes = kIpv6Bytes + 32;  // IPv6 header, message, and one option with a MAC address

/// A neighbour solicitation or advertisement of IPv6 (RFC 4861), with the addresses of its IPv6 header.
struct DiscoveryMessage {
  bool advertisement = false;  ///< false: a solicitation
  bool solicited = false;      ///< advertisements: an answer
  IpAddress from;
  IpAddress to;
  IpAddress target;               ///< whose MAC address is asked for or told
  std::optional<MacAddress> mac;  ///< the option: of a solicitation the asker's, of an advertisement the target's
};

/// Reads an IPv6 packet. kNone; kNotPacketfs where it is no such message; kTruncated, or kBadChecksum. A message that
/// does not come from this very link (its hop limit is not 255) is none.
Drop read_discovery(std::span<const uint8_t> packet, DiscoveryMessage& out) noexcept;

/// Writes kDiscoveryBytes bytes of IPv6 packet at `at`. `message.mac` is there. Advertisements say that they override.
void write_discovery(uint8_t* at, const DiscoveryMessage& message) noexcept;

/// The group that everybody with this address listens to (ff02::1:ffxx:xxxx), and a group's MAC address.
IpAddress solicited_node(const IpAddress& target) noexcept;
MacAddress group_mac(const IpAddress& group) noexcept;

}  // namespace pfs
