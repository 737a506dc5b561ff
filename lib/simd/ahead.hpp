#pragma once

#include <cstddef>
#include <span>

#include "base/descriptor.hpp"

namespace pfs::simd_detail {
namespace {  // each variant gets its own copy

// Bytes between what is asked for and what is read in turn. The hardware's own prefetching leaves about a fifth of what
// DRAM can give one core; this takes it (bench/simd, 1GiB), and costs nothing that shows where the data lie in L2.
constexpr uint64_t kBytesAhead = 1024;

/// Lines of 64 bytes between what is asked for and what is copied, however they are cut into ranges: enough for a read
/// from DRAM to be over (bench/simd), and few enough to stay in L1 meanwhile.
constexpr uint64_t kLinesAhead = 128;

/// Lines of a range that are asked for; the hardware goes on from there by itself, and better than when it is asked for
/// each (bench/simd, gather/4096B).
constexpr uint64_t kLinesOfRange = 4;

[[gnu::always_inline]] inline const uint8_t* start_of(const Descriptor& descriptor, const uint8_t* blob,
                                                      const uint8_t* slab) noexcept {
  return (descriptor.in_blob() ? blob : slab) + descriptor.offset;
}

/// Goes over the lines of a table's ranges and asks for the first of each.
class Scout {
 public:
  [[gnu::always_inline]] Scout(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* slab) noexcept
      : next_(table.data()), end_(table.data() + table.size()), blob_(blob), slab_(slab) {}

  /// Goes on by `lines` lines, or all that are left.
  [[gnu::always_inline]] void advance(uint64_t lines) noexcept {
    for (; lines > 0; --lines) {
      if (line_ >= range_end_) {
        if (next_ == end_) return;
        line_ = start_of(*next_, blob_, slab_);
        range_end_ = line_ + next_->length;
        asked_end_ = line_ + kLinesOfRange * 64;
        ++next_;
      }
      if (line_ < asked_end_) __builtin_prefetch(line_);
      line_ += 64;
    }
  }

 private:
  const Descriptor* next_;
  const Descriptor* end_;
  const uint8_t* blob_;
  const uint8_t* slab_;
  const uint8_t* line_ = nullptr;
  const uint8_t* range_end_ = nullptr;
  const uint8_t* asked_end_ = nullptr;
};

/// Calls copy(from, bytes) for pieces of each range in order, with lines further on under way.
template <class Copy>
[[gnu::always_inline]] inline void for_each_ahead(std::span<const Descriptor> table, const uint8_t* blob,
                                                  const uint8_t* slab, Copy copy) noexcept {
  constexpr uint64_t kPiece = 512;  // bytes, so that a long range's lines are asked for while it is copied
  Scout scout(table, blob, slab);
  scout.advance(kLinesAhead);
  for (const Descriptor& descriptor : table) {
    const uint8_t* from = start_of(descriptor, blob, slab);
    for (uint64_t left = descriptor.length; left > 0;) {
      const uint64_t bytes = left < kPiece ? left : kPiece;
      scout.advance((bytes + 63) / 64);
      copy(from, bytes);
      from += bytes;
      left -= bytes;
    }
  }
}

}  // namespace
}  // namespace pfs::simd_detail
