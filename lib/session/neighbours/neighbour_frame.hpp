#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "wire/addresses/ip_address.hpp"
#include "wire/addresses/neighbour_discovery.hpp"

namespace pfs::session {

/// A frame of ARP or neighbour discovery, whole, that is to leave by a port.
struct NeighbourFrame {
  uint16_t port = 0;  ///< DPDK's number
  uint8_t length = 0;
  std::array<uint8_t, kEthernetHeaderBytes + kVlanTagBytes + kDiscoveryBytes> bytes{};

  [[nodiscard]] std::span<const uint8_t> frame() const noexcept { return {bytes.data(), length}; }
};

/// One of our addresses: where it is, and what stands behind it.
struct OwnAddress {
  uint16_t port = 0;  ///< DPDK's number
  uint16_t vlan = 0;
  MacAddress mac{};
  IpAddress ip;
  bool operator==(const OwnAddress&) const = default;
};

/// What a frame says of neighbours, ARP and neighbour discovery alike.
struct NeighbourMessage {
  bool answer = false;            ///< false: somebody asks for the MAC address of `target`
  IpAddress target;               ///< of an answer: whose MAC address it tells
  std::optional<MacAddress> mac;  ///< of the target (answers); of the one who asks (requests)
  IpAddress from;                 ///< of the one who asks; unspecified where nobody has the address yet
  MacAddress from_mac{};          ///< as the Ethernet header has it
};

/// Reads a frame from its Ethernet header on, whose ether type and VLAN are `link`. kNone, or why it is no such
/// message.
Drop read_neighbour_frame(std::span<const uint8_t> frame, const LinkHeader& link, NeighbourMessage& out) noexcept;

/// Asks for the MAC address of `target`, whose MAC address may be known from before.
void write_request(const OwnAddress& from, const IpAddress& target, const std::optional<MacAddress>& known,
                   NeighbourFrame& out) noexcept;

/// Tells the one who asked that `own` is here.
void write_answer(const OwnAddress& own, const NeighbourMessage& request, NeighbourFrame& out) noexcept;

}  // namespace pfs::session
