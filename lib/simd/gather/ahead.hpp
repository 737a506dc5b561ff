#pragma once

#include <cstddef>
#include <cstring>
#include <span>

#include "base/prefetch.hpp"
#include "simd/ahead.hpp"

namespace pfs::simd_detail {
namespace {  // each variant has its own copy

/// Lines of 64 bytes between what is asked for and what is copied, however they are cut into ranges: enough for as many
/// reads from DRAM as a core has under way (bench/simd), and few enough to stay in L2 meanwhile.
constexpr uint64_t kLinesAhead = 128;

constexpr uint64_t kLongRange = 1024;  ///< bytes from which a range is copied by the library
constexpr size_t kLongAhead = 2;       ///< long ranges between what is asked for and what is copied
constexpr uint64_t kLongAsked = 4096;  ///< bytes of a long range that are asked for; the hardware goes on from there

/// Long ranges are copied by the library. The call goes through a pointer, because GCC turns a memcpy of unknown size
/// into `rep movs`, which waits for each line; the library's loop does not wait.
void* (*const volatile library_copy)(void*, const void*, size_t) = std::memcpy;

/// Goes over the lines of a table's ranges and asks for each.
class Scout {
 public:
  [[gnu::always_inline]] Scout(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* slab) noexcept
      : next_(table.data()), end_(table.data() + table.size()), blob_(blob), slab_(slab) {}

  /// Asks for the next `lines` lines, or for all that are left.
  [[gnu::always_inline]] void advance(uint64_t lines) noexcept {
    for (; lines > 0; --lines) {
      if (line_ >= range_end_) {
        if (next_ == end_) return;
        line_ = start_of(*next_, blob_, slab_);
        range_end_ = line_ + next_->length;
        ++next_;
      }
      prefetch_into_l2(line_);
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
};

[[gnu::always_inline]] inline void prefetch_long(const Descriptor& range, const uint8_t* blob,
                                                 const uint8_t* slab) noexcept {
  const uint8_t* at = start_of(range, blob, slab);
  const uint8_t* const end = at + (range.length < kLongAsked ? range.length : kLongAsked);
  for (; at < end; at += 64) __builtin_prefetch(at);
}

/// Copies each range in order, with those further on under way: long ones by the library, the others by
/// copy(to, from, bytes). Returns where it ended.
template <class Copy>
[[gnu::always_inline]] inline uint8_t* copy_ahead(std::span<const Descriptor> table, const uint8_t* blob,
                                                  const uint8_t* slab, uint8_t* to, Copy copy) noexcept {
  const size_t count = table.size();
  for (size_t i = 0; i < count;) {
    for (; i < count && table[i].length >= kLongRange; ++i) {
      if (i + kLongAhead < count) prefetch_long(table[i + kLongAhead], blob, slab);
      library_copy(to, start_of(table[i], blob, slab), table[i].length);
      to += table[i].length;
    }
    size_t end = i;
    while (end < count && table[end].length < kLongRange) ++end;
    Scout scout(table.subspan(i, end - i), blob, slab);
    scout.advance(kLinesAhead);
    for (; i < end; ++i) {
      scout.advance((table[i].length + 63) / 64);
      copy(to, start_of(table[i], blob, slab), table[i].length);
      to += table[i].length;
    }
  }
  return to;
}

}  // namespace
}  // namespace pfs::simd_detail
