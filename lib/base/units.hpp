#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pfs {

constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = 1024 * kKiB;
constexpr uint64_t kGiB = 1024 * kMiB;

/// "64", "4KiB", "2MiB", "1GiB" -> bytes. Error without a place: the caller knows the file and line.
Result<uint64_t> parse_size(std::string_view text);

/// 1536 -> "1.5 KiB". For people, not for parsing.
std::string format_bytes(uint64_t bytes);

/// 12345678 -> "12.35 M". Decimal prefixes, for rates.
std::string format_si(double value);

}  // namespace pfs
