#pragma once

#include <cstdint>
#include <string>

namespace pfs {

constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = 1024 * kKiB;
constexpr uint64_t kGiB = 1024 * kMiB;

/// 1536 -> "1.50 KiB". For people; no program reads this text back.
std::string format_bytes(uint64_t bytes);

/// 12345678 -> "12.35 M". With decimal prefixes, as rates have them.
std::string format_si(double value);

}  // namespace pfs
