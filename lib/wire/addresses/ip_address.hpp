#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/mac_address.hpp"

namespace pfs {

/// An IPv4 or IPv6 address. The bytes stand as in a packet; IPv4 has its own in the first four, and zeros behind.
struct IpAddress {
  bool v6 = false;
  std::array<uint8_t, 16> bytes{};

  [[nodiscard]] std::span<const uint8_t> packed() const noexcept { return {bytes.data(), v6 ? 16u : 4u}; }
  [[nodiscard]] bool is_unspecified() const noexcept { return bytes == std::array<uint8_t, 16>{}; }
  /// 224.0.0.0/4, ff00::/8, and 255.255.255.255.
  [[nodiscard]] bool is_group() const noexcept;
  /// fe80::/10, which every IPv6 interface has; IPv4's 169.254.0.0/16 does not count.
  [[nodiscard]] bool is_link_local() const noexcept { return v6 && bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80; }
  bool operator==(const IpAddress&) const = default;
};

/// The address whose bytes stand at `at`: 16 bytes of IPv6, or 4 of IPv4.
IpAddress ip_at(const uint8_t* at, bool v6) noexcept;

/// An address of ours and how many leading bits of it all neighbours on its link share.
struct IpPrefix {
  IpAddress address;
  uint8_t bits = 0;

  /// Whether `other` is on the same link, so that no gateway is needed. Never true of another version.
  [[nodiscard]] bool contains(const IpAddress& other) const noexcept;
  bool operator==(const IpPrefix&) const = default;
};

/// "10.9.0.1" or "fd00::1", as inet_pton(3) reads them: no names, no octal, no zone ("%eth0").
std::optional<IpAddress> parse_ip(std::string_view text) noexcept;

/// "10.9.0.1/24" or "fd00::1/64". Without a length the address alone is meant: 32 or 128 bits.
std::optional<IpPrefix> parse_prefix(std::string_view text) noexcept;

std::string to_text(const IpAddress& address);
std::string to_text(const MacAddress& mac);

}  // namespace pfs
