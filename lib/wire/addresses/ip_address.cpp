#include "wire/addresses/ip_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace pfs {

bool IpAddress::is_group() const noexcept {
  if (v6) return bytes[0] == 0xFF;
  return bytes[0] >> 4 == 0xE || std::all_of(bytes.begin(), bytes.begin() + 4, [](uint8_t b) { return b == 0xFF; });
}

IpAddress ip_at(const uint8_t* at, bool v6) noexcept {
  IpAddress address{.v6 = v6};
  std::copy_n(at, v6 ? 16 : 4, address.bytes.begin());
  return address;
}

bool IpPrefix::contains(const IpAddress& other) const noexcept {
  if (other.v6 != address.v6) return false;
  const size_t whole = bits / 8u;
  if (!std::equal(address.bytes.begin(), address.bytes.begin() + whole, other.bytes.begin())) return false;
  const unsigned rest = bits % 8u;
  return rest == 0 || (address.bytes[whole] ^ other.bytes[whole]) >> (8 - rest) == 0;
}

std::optional<IpAddress> parse_ip(std::string_view text) noexcept {
  char terminated[INET6_ADDRSTRLEN] = "";  // inet_pton() takes a string that ends with a zero
  if (text.size() >= sizeof terminated || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::copy(text.begin(), text.end(), terminated);
  IpAddress address{.v6 = text.find(':') != std::string_view::npos};
  if (inet_pton(address.v6 ? AF_INET6 : AF_INET, terminated, address.bytes.data()) != 1) return std::nullopt;
  return address;
}

std::optional<IpPrefix> parse_prefix(std::string_view text) noexcept {
  const size_t slash = text.find('/');
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) return std::nullopt;
  const uint8_t most = address->v6 ? 128 : 32;
  if (slash == std::string_view::npos) return IpPrefix{*address, most};
  const std::string_view length = text.substr(slash + 1);
  uint8_t bits = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
  if (error != std::errc{} || end != length.data() + length.size() || bits > most) return std::nullopt;
  return IpPrefix{*address, bits};
}

std::string to_text(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof text);
  return text;
}

std::string to_text(const MacAddress& mac) { return fmt::format("{:02x}", fmt::join(mac, ":")); }

}  // namespace pfs
