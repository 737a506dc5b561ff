#include "base/mac_address.hpp"

#include <charconv>

namespace pfs {

std::optional<MacAddress> parse_mac(std::string_view text) noexcept {
  constexpr size_t kTextBytes = 3 * std::tuple_size_v<MacAddress> - 1;
  if (text.size() != kTextBytes) return std::nullopt;
  MacAddress mac{};
  for (size_t i = 0; i < mac.size(); ++i) {
    const char* at = text.data() + 3 * i;
    if (i > 0 && at[-1] != ':') return std::nullopt;
    const auto [end, error] = std::from_chars(at, at + 2, mac[i], 16);
    if (error != std::errc{} || end != at + 2) return std::nullopt;
  }
  return mac;
}

}  // namespace pfs
