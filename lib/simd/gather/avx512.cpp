#include <immintrin.h>

#include "simd/gather/ahead.hpp"
#include "simd/gather/gather.hpp"

// Short ranges are copied register by register: a call of memcpy costs more than they take.
namespace pfs::simd_detail {
namespace {

[[gnu::always_inline]] inline void copy_bytes(uint8_t* to, const uint8_t* from, uint64_t bytes) noexcept {
  uint64_t at = 0;
  for (; at + 64 <= bytes; at += 64) _mm512_storeu_si512(to + at, _mm512_loadu_si512(from + at));
  if (at == bytes) return;
  const __mmask64 rest = (uint64_t{1} << (bytes - at)) - 1;
  _mm512_mask_storeu_epi8(to + at, rest, _mm512_maskz_loadu_epi8(rest, from + at));
}

constexpr size_t kSmallAhead = 64;  // ranges, of a line each (bench/simd, gather/64B)

/// Copies ranges from the table's beginning while they are of at most 64 bytes: one register each, and no loop within
/// the loop. Returns how many.
[[gnu::always_inline]] inline size_t copy_small(std::span<const Descriptor> table, const uint8_t* blob,
                                                const uint8_t* slab, uint8_t*& to) noexcept {
  const size_t count = table.size();
  if (count == 0 || table[0].length > 64) return 0;
  for (size_t i = 0; i < count && i < kSmallAhead; ++i) prefetch_into_l2(start_of(table[i], blob, slab));
  for (size_t i = 0; i < count; ++i) {
    if (i + kSmallAhead < count) prefetch_into_l2(start_of(table[i + kSmallAhead], blob, slab));
    const uint64_t bytes = table[i].length;
    if (bytes > 64) return i;
    const uint8_t* from = start_of(table[i], blob, slab);
    if (bytes == 64) {  // without a mask, which takes a third longer where the lines are in L2
      _mm512_storeu_si512(to, _mm512_loadu_si512(from));
    } else {
      const __mmask64 lanes = _bzhi_u64(~uint64_t{0}, static_cast<uint32_t>(bytes));
      _mm512_mask_storeu_epi8(to, lanes, _mm512_maskz_loadu_epi8(lanes, from));
    }
    to += bytes;
  }
  return count;
}

}  // namespace

uint64_t gather_avx512(std::span<const Descriptor> table, const uint8_t* blob, const uint8_t* slab,
                       uint8_t* out) noexcept {
  uint8_t* to = out;
  table = table.subspan(copy_small(table, blob, slab, to));
  return static_cast<uint64_t>(copy_ahead(table, blob, slab, to, copy_bytes) - out);
}

}  // namespace pfs::simd_detail
