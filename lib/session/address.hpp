#pragma once

#include <array>
#include <cstdint>

#include "gram/gram.hpp"
#include "wire/addresses/ip_address.hpp"

namespace pfs::session {

/// Who stands at the other end of a path, as far as the path's headers tell: port, VLAN, and the MAC address or, where
/// a UDP datagram carries the payload, IP address and UDP port. A router may change the MAC addresses of a datagram, so
/// that they say nothing about its sender.
struct Address {
  std::array<uint8_t, 16> host{};
  uint16_t port = 0;
  uint16_t vlan = 0;
  uint16_t udp = 0;   ///< 0 where no datagram carries the payload
  uint16_t kind = 0;  ///< EtherType of the payload or of IP; 0 where the headers are of no form that is known

  bool operator==(const Address&) const = default;
};

/// The address to which these headers lead.
Address address_of(const ReplyPath& to) noexcept;

/// The address of whoever receives datagrams at this IP address and UDP port.
Address address_of(const IpAddress& ip, uint16_t udp, uint16_t port, uint16_t vlan) noexcept;

/// A number that tells addresses apart; `salt` keeps strangers from choosing addresses that have the same.
uint64_t hash_of(const Address& address, uint64_t salt) noexcept;

/// True if the headers lead to a group of receivers (multicast or broadcast): the peer's own address is learned from
/// its first answer.
bool is_group(const ReplyPath& to) noexcept;

}  // namespace pfs::session
