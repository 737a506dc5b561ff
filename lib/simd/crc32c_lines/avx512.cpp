#include <immintrin.h>

#include "base/prefetch.hpp"
#include "simd/ahead.hpp"
#include "simd/crc32c_lines/constants.hpp"
#include "simd/crc32c_lines/crc32c_lines.hpp"

namespace pfs::simd_detail {
namespace {

// Ranges between the one that is asked for and the one that is read. Where each range is one line, so many keep as many
// reads from DRAM under way as a core can have; where each has kCrcRangeMax bytes, they still stay in L2 (bench/gram,
// verify-crc32c).
constexpr size_t kRangesAhead = 48;

[[gnu::always_inline]] inline void prefetch_lines(const Descriptor& range, const uint8_t* blob,
                                                  const uint8_t* slab) noexcept {
  const uint8_t* at = start_of(range, blob, slab);
  const uint8_t* const end = at + (range.length < kCrcRangeMax ? range.length : kCrcRangeMax);
  for (; at < end; at += kCrcLine) prefetch_into_l2(at);
}

[[gnu::always_inline]] inline __m512i load(const uint8_t* line) noexcept { return _mm512_loadu_si512(line); }

/// Four ranges of the blob of one line each: what most tables are made of.
[[gnu::always_inline]] inline bool four_blocks(const Descriptor* ranges) noexcept {
  for (size_t i = 0; i < 4; ++i)
    if (ranges[i] != blob_range(ranges[i].offset, kCrcLine)) return false;
  return true;
}

/// Moves `value` on by `Bytes` bytes and adds the line that stands there.
template <uint32_t Bytes>
[[gnu::always_inline]] inline __m512i fold(__m512i value, __m512i there) noexcept {
  const __m128i by = _mm_set_epi64x(static_cast<int64_t>(Fold<Bytes>::kHigh), static_cast<int64_t>(Fold<Bytes>::kLow));
  const __m512i constants = _mm512_broadcast_i32x4(by);
  constexpr int kXorOfThree = 0x96;
  return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(value, constants, 0x00),
                                   _mm512_clmulepi64_epi128(value, constants, 0x11), there, kXorOfThree);
}

/// The last four lines that were folded into, the oldest first. A line goes over the fourth one behind it, so that
/// products of four lines are under way at a time. In front of the first line stand zeros, which change no CRC.
class Lines {
 public:
  [[gnu::always_inline]] explicit Lines(__m512i first) noexcept : last_(first) {}

  [[gnu::always_inline]] void push(__m512i line) noexcept {
    const __m512i folded = fold<4 * kCrcLine>(oldest_, line);
    oldest_ = older_;
    older_ = old_;
    old_ = last_;
    last_ = folded;
  }

  [[gnu::always_inline]] [[nodiscard]] uint32_t state() const noexcept {
    const __m512i all = fold<kCrcLine>(fold<kCrcLine>(fold<kCrcLine>(oldest_, older_), old_), last_);
    alignas(kCrcLine) uint64_t words[kCrcLine / 8];
    _mm512_store_si512(words, all);
    uint64_t crc = 0;
    for (const uint64_t word : words) crc = _mm_crc32_u64(crc, word);
    return static_cast<uint32_t>(crc);
  }

 private:
  __m512i oldest_ = _mm512_setzero_si512();
  __m512i older_ = _mm512_setzero_si512();
  __m512i old_ = _mm512_setzero_si512();
  __m512i last_;
};

}  // namespace

size_t crc32c_lines_avx512(uint32_t& state, std::span<const Descriptor> table, const uint8_t* blob,
                           const uint8_t* slab) noexcept {
  if (table.empty() || !whole_lines(table[0])) return 0;
  const size_t count = table.size();
  for (size_t i = 0; i < count && i < kRangesAhead; ++i) prefetch_lines(table[i], blob, slab);
  const uint8_t* from = start_of(table[0], blob, slab);
  const uint8_t* end = from + table[0].length;
  const __m512i before = _mm512_castsi128_si512(_mm_cvtsi32_si128(static_cast<int>(state)));
  Lines lines(_mm512_xor_si512(load(from), before));
  from += kCrcLine;
  for (size_t taken = 0;;) {
    for (; from + 4 * kCrcLine <= end; from += 4 * kCrcLine) {
      for (size_t line = 0; line < 4; ++line) lines.push(load(from + line * kCrcLine));
    }
    for (; from != end; from += kCrcLine) lines.push(load(from));
    ++taken;
    for (; taken + kRangesAhead + 4 <= count && four_blocks(&table[taken]); taken += 4) {
      for (size_t i = taken; i < taken + 4; ++i) {
        prefetch_into_l2(blob +
                         table[i + kRangesAhead].offset);  // a range of a slab is asked for in vain, which does no harm
        lines.push(load(blob + table[i].offset));
      }
    }
    if (taken == count || !whole_lines(table[taken])) {
      state = lines.state();
      return taken;
    }
    if (taken + kRangesAhead < count) prefetch_lines(table[taken + kRangesAhead], blob, slab);
    from = start_of(table[taken], blob, slab);
    end = from + table[taken].length;
  }
}

}  // namespace pfs::simd_detail
