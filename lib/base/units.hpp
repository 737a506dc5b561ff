#pragma once

#include <cstdint>
#include <string>

namespace pfs {

constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = 1024 * kKiB;
constexpr uint64_t kGiB = 1024 * kMiB;

/// Writes 1536 as "1.50 KiB". This is for people; no program reads the text back.
std::string format_bytes(uint64_t bytes);

/// Writes 12345678 as "12.35 M": with decimal prefixes, as rates have them.
std::string format_si(double value);

}  // namespace pfs
