#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pfs {

using MacAddress = std::array<uint8_t, 6>;
constexpr MacAddress kBroadcast = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

/// "52:54:00:00:00:01", in either case of letters. Nothing if the text is of another form.
std::optional<MacAddress> parse_mac(std::string_view text) noexcept;

}  // namespace pfs
