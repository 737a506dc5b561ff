#include "base/units.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace pfs {

Result<uint64_t> parse_size(std::string_view text) {
  uint64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view suffix(rest, text.data() + text.size() - rest);
  uint64_t scale = 0;
  if (suffix.empty() || suffix == "B") scale = 1;
  if (suffix == "KiB") scale = kKiB;
  if (suffix == "MiB") scale = kMiB;
  if (suffix == "GiB") scale = kGiB;
  if (error != std::errc{} || scale == 0)
    return fail("", fmt::format("'{}' is not a size", text), "write bytes as 4096, 64KiB, 4MiB or 1GiB");
  if (value > UINT64_MAX / scale) return fail("", fmt::format("'{}' is more than 64 bits hold", text));
  return value * scale;
}

std::string format_bytes(uint64_t bytes) {
  constexpr std::array<const char*, 5> kNames = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  size_t name = 0;
  while (value >= 1024 && name + 1 < kNames.size()) value /= 1024, ++name;
  return name == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.2f} {}", value, kNames[name]);
}

std::string format_si(double value) {
  constexpr std::array<const char*, 5> kNames = {"", " k", " M", " G", " T"};
  size_t name = 0;
  while (value >= 1000 && name + 1 < kNames.size()) value /= 1000, ++name;
  return fmt::format("{:.2f}{}", value, kNames[name]);
}

}  // namespace pfs
