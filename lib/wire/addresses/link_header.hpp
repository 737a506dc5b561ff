#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/endian.hpp"
#include "base/mac_address.hpp"

namespace pfs {

constexpr uint32_t kEthernetHeaderBytes = 14;
constexpr uint32_t kVlanTagBytes = 4;
constexpr uint16_t kVlanIdMask = 0x0FFF;  // above it: priority and drop eligibility
constexpr uint16_t kEtherTypeIpv4 = 0x0800;
constexpr uint16_t kEtherTypeArp = 0x0806;
constexpr uint16_t kEtherTypeVlan = 0x8100;
constexpr uint16_t kEtherTypeIpv6 = 0x86DD;
constexpr uint32_t kIpv4Bytes = 20;  // without options
constexpr uint32_t kIpv6Bytes = 40;
constexpr uint32_t kUdpBytes = 8;
constexpr uint8_t kProtocolIcmp = 1;
constexpr uint8_t kProtocolUdp = 17;
constexpr uint8_t kProtocolIcmpv6 = 58;
constexpr uint8_t kHopLimit = 64;  // RFC 1700's; what a frame starts with where nobody asks for another

/// The Ethernet header of a frame, a VLAN tag included.
struct LinkHeader {
  uint16_t ether_type = 0;  ///< of the protocol behind it
  uint32_t bytes = 0;       ///< 14 or 18
  uint16_t vlan = 0;        ///< VLAN id; 0 also without a tag, which says the same
};

inline std::optional<LinkHeader> read_link_header(std::span<const uint8_t> frame) noexcept {
  if (frame.size() < kEthernetHeaderBytes) return std::nullopt;
  const auto type = load_be<uint16_t>(frame.data() + 12);
  if (type != kEtherTypeVlan) return LinkHeader{.ether_type = type, .bytes = kEthernetHeaderBytes};
  if (frame.size() < kEthernetHeaderBytes + kVlanTagBytes) return std::nullopt;
  return LinkHeader{.ether_type = load_be<uint16_t>(frame.data() + 16),
                    .bytes = kEthernetHeaderBytes + kVlanTagBytes,
                    .vlan = static_cast<uint16_t>(load_be<uint16_t>(frame.data() + 14) & kVlanIdMask)};
}

}  // namespace pfs
