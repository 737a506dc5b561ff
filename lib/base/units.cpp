#include "base/units.hpp"

#include <fmt/format.h>

#include <array>

namespace pfs {

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
