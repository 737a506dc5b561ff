#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/mac_address.hpp"
#include "wire/addresses/link_header.hpp"
#include "wire/frame.hpp"

namespace pfs {

/// The place of the PacketFS payload in an Ethernet frame: behind EtherType 0x1337 (an 802.1Q tag may precede), or in a
/// UDP datagram (IPv4 or IPv6) to port 4919.
struct Located {
  uint32_t offset = 0;  ///< of the payload, from the start of the frame; the bytes before it are the encapsulation
  uint32_t bytes = 0;   ///< to the end of the frame, or of the datagram
};

/// The payload of `frame`, or nothing if the frame is other traffic (or too short to tell).
std::optional<Located> locate_payload(std::span<const uint8_t> frame) noexcept;

/// Who sent a frame, as far as its headers tell. Frames of one sender give equal values.
struct Source {
  MacAddress mac{};
  uint16_t vlan = 0;             ///< VLAN id; 0 also without a tag, which says the same
  std::array<uint8_t, 16> ip{};  ///< IPv6, or IPv4 in the first four bytes; zeros where no UDP datagram carries it

  bool operator==(const Source&) const = default;
};

/// The source of a frame whose payload locate_payload() has found; `headers` are the bytes in front of that payload.
Source source_of(std::span<const uint8_t> headers) noexcept;

/// The headers in front of a payload: 14 bytes (Ethernet) to 66 bytes (VLAN, IPv6, UDP).
struct EncapsulationBuffer {
  std::array<uint8_t, 66> bytes{};
  uint8_t length = 0;
};

/// Turns the headers of a received frame round: MAC addresses, IP addresses and UDP ports are swapped, so that a
/// payload behind them goes back to the sender. finish_encapsulation() sets lengths and checksums.
void reverse_encapsulation(std::span<const uint8_t> headers, EncapsulationBuffer& out) noexcept;

/// Ethernet headers, with an 802.1Q tag where `vlan` is not 0, in front of the protocol of `ether_type`.
EncapsulationBuffer ethernet_encapsulation(const MacAddress& to, const MacAddress& from, uint16_t vlan = 0,
                                           uint16_t ether_type = kEtherType) noexcept;

/// Bytes of payload that a frame has behind `headers` where the port's MTU is `mtu`, which counts what stands behind
/// the Ethernet header. 0 where the headers alone are longer.
constexpr uint32_t payload_budget(uint32_t mtu, const EncapsulationBuffer& headers) noexcept {
  const uint32_t frame = mtu + kEthernetHeaderBytes;
  return frame > headers.length ? frame - headers.length : 0;
}

/// Sets IP and UDP lengths and checksums in a complete frame whose headers are `header_bytes` long. Plain
/// Ethernet has neither.
void finish_encapsulation(std::span<uint8_t> frame, uint32_t header_bytes) noexcept;

/// Sets the checksum of a complete IPv4 header of `bytes` bytes.
void finish_ipv4_header(uint8_t* header, uint32_t bytes) noexcept;

/// Where a NIC finds what it sums.
struct ChecksumPlaces {
  uint32_t link_bytes = 0;  ///< Ethernet header, tag included
  uint32_t ip_bytes = 0;
  bool v6 = false;
};

/// The same for a NIC that sets the checksums itself: the IPv4 checksum is zero, and the UDP checksum the sum of the
/// pseudo header. Nothing where there are none to set.
std::optional<ChecksumPlaces> prepare_encapsulation(std::span<uint8_t> frame, uint32_t header_bytes) noexcept;

}  // namespace pfs
