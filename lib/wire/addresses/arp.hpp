#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "wire/addresses/ip_address.hpp"

namespace pfs {

constexpr uint32_t kArpBytes = 28;  // of Ethernet and IPv4 (RFC 826)

/// An ARP packet of Ethernet and IPv4.
struct ArpPacket {
  bool reply = false;  ///< false: a request
  MacAddress sender_mac{};
  IpAddress sender;
  MacAddress target_mac{};  ///< of a request: zeros
  IpAddress target;
};

/// Reads what stands behind EtherType 0x0806. Nothing if the bytes are too few or of another kind of ARP.
std::optional<ArpPacket> read_arp(std::span<const uint8_t> bytes) noexcept;

/// Writes kArpBytes bytes at `at`.
void write_arp(uint8_t* at, const ArpPacket& packet) noexcept;

}  // namespace pfs
