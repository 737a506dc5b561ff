#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/descriptor.hpp"
#include "blob/ranges.hpp"
#include "simd/gather/gather.hpp"

namespace pfs {

/// Half of a 32 KiB L1; the other half is for the state of the work on the bytes and for lines that are prefetched.
/// The number is a multiple of 8, for operations on u64.
constexpr uint32_t kRoomBytes = 16 << 10;

/// A place where one thread lays short ranges side by side.
struct alignas(64) Room {
  std::array<uint8_t, kRoomBytes> bytes;
};

constexpr uint64_t kShortRange = 512;  // bytes; such a copy costs less than a call (bench/gram, digest-...)
constexpr size_t kFewRanges = 4;       // with fewer ranges, a copy costs more than the calls

/// True if `next` goes on where `range` ends.
inline bool adjoins(const Descriptor& range, const Descriptor& next) noexcept {
  return range.continued_at(static_cast<Space>(next.space), next.offset);
}

/// Counts the ranges from the table's beginning that are short, do not touch, and fit `room` bytes together; `bytes`
/// becomes their sum.
inline size_t short_ranges(std::span<const Descriptor> table, uint64_t room, uint64_t& bytes) noexcept {
  bytes = 0;
  for (size_t count = 0; count < table.size(); ++count) {
    const uint64_t length = table[count].length;
    if (length > kShortRange || bytes + length > room) return count;
    if (count + 1 < table.size() && adjoins(table[count], table[count + 1])) return count;
    bytes += length;
  }
  return table.size();
}

/// Counts the ranges from the table's beginning that make up one range, at least one; `whole` becomes that range.
inline size_t one_range(std::span<const Descriptor> table, Descriptor& whole) noexcept {
  whole = table[0];
  size_t count = 1;
  for (; count < table.size() && adjoins(whole, table[count]); ++count) whole.length += table[count].length;
  return count;
}

/// Calls visit(const uint8_t* data, uint64_t bytes) for all bytes that `table` denotes, in order, in as few calls as
/// pay: long and adjoining ranges are visited where they lie, short ones are copied into `room`. Only work that reads
/// may use this. The caller has made sure of the bounds.
template <class Visit>
void for_each_stretch(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* slab, Room& room,
                      Visit&& visit) noexcept {
  for (size_t i = 0; i < table.size() && i < kPrefetchAhead; ++i) prefetch_range(table[i], blob, slab);
  while (!table.empty()) {
    uint64_t bytes = 0;
    size_t count = short_ranges(table, kRoomBytes, bytes);
    if (count >= kFewRanges) {
      gather_ranges(table.first(count), blob, slab, room.bytes.data());
      visit(static_cast<const uint8_t*>(room.bytes.data()), bytes);
    } else {
      Descriptor whole;
      count = one_range(table, whole);
      if (count + kPrefetchAhead <= table.size()) prefetch_range(table[count + kPrefetchAhead - 1], blob, slab);
      visit((whole.in_blob() ? blob : slab) + whole.offset, uint64_t{whole.length});
    }
    table = table.subspan(count);
  }
}

}  // namespace pfs
