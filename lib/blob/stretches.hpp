#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/descriptor.hpp"
#include "blob/ranges.hpp"
#include "simd/gather/gather.hpp"

namespace pfs {

/// Half of a 32 KiB L1: the rest is for the states of what works on the bytes, and for what is being prefetched.
/// A multiple of 8, for operations on u64.
constexpr uint32_t kRoomBytes = 16 << 10;

/// Where short ranges are laid side by side. One thread's.
struct alignas(64) Room {
  std::array<uint8_t, kRoomBytes> bytes;
};

constexpr uint64_t kShortRange = 512;  // bytes; up to here a copy costs less than a call (bench/gram, digest-...)
constexpr size_t kFewRanges = 4;       // below, it does not

/// How many ranges from the table's beginning are short and fit `room` bytes together; `bytes` becomes their sum.
inline size_t short_ranges(std::span<const Descriptor> table, uint64_t room, uint64_t& bytes) noexcept {
  bytes = 0;
  for (size_t count = 0; count < table.size(); ++count) {
    const uint64_t length = table[count].length;
    if (length > kShortRange || bytes + length > room) return count;
    bytes += length;
  }
  return table.size();
}

/// Calls visit(const uint8_t* data, uint64_t bytes) for all bytes that `table` denotes, in order, in as few calls as
/// pay: long ranges where they lie, short ones copied into `room`. For work that reads only. Bounds are the caller's.
template <class Visit>
void for_each_stretch(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* slab, Room& room,
                      Visit&& visit) noexcept {
  while (!table.empty()) {
    uint64_t bytes = 0;
    size_t count = short_ranges(table, kRoomBytes, bytes);
    if (count >= kFewRanges) {
      gather_ranges(table.first(count), blob, slab, room.bytes.data());
      visit(static_cast<const uint8_t*>(room.bytes.data()), bytes);
    } else {
      if (count == 0) count = 1;
      while (count < table.size() && table[count].length > kShortRange) ++count;
      for_each_range(table.first(count), blob, slab, visit);
    }
    table = table.subspan(count);
  }
}

}  // namespace pfs
