#include <immintrin.h>

#include "wire/codec/extents/append.hpp"
#include "wire/codec/unpack/group_avx512.hpp"

// A step takes eight ranges: gaps and lengths are unpacked, and a prefix sum over the lanes gives the end of each
// range. Then eight descriptors are stored as they are, unless one is faulty or merges with its neighbour, or the table
// is nearly full.
namespace pfs::simd_detail {
namespace {

constexpr uint32_t kLanes = 8;

/// Lane i holds the sum of lanes 0 to i.
[[gnu::always_inline]] inline __m512i prefix_sum(__m512i x) noexcept {
  const __m512i zero = _mm512_setzero_si512();
  x = _mm512_add_epi64(x, _mm512_alignr_epi64(x, zero, 7));
  x = _mm512_add_epi64(x, _mm512_alignr_epi64(x, zero, 6));
  return _mm512_add_epi64(x, _mm512_alignr_epi64(x, zero, 4));
}

[[gnu::always_inline]] inline void store_eight(Descriptor* to, __m512i offsets, __m512i lengths) noexcept {
  const __m512i low = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0);
  const __m512i high = _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4);
  _mm512_storeu_si512(to, _mm512_permutex2var_epi64(offsets, low, lengths));
  _mm512_storeu_si512(to + 4, _mm512_permutex2var_epi64(offsets, high, lengths));
}

/// Appends `lanes` ranges one by one.
[[gnu::noinline]] ExtentsFault append_each(__m512i offsets, __m512i lengths, uint32_t lanes, uint64_t size,
                                           DescriptorTable& table, uint32_t first) noexcept {
  uint64_t offset[kLanes];
  uint64_t length[kLanes];
  _mm512_storeu_si512(offset, offsets);
  _mm512_storeu_si512(length, lengths);
  for (uint32_t i = 0; i < lanes; ++i) {
    const ExtentsFault fault = append_extent(offset[i], length[i], size, table, first);
    if (fault != ExtentsFault::kNone) return fault;
  }
  return ExtentsFault::kNone;
}

/// Appends every range but the first, which ends at `end`.
template <bool kNine>
[[gnu::always_inline]] inline ExtentsFault append_rest(const PackedExtents& extents, uint64_t end, uint64_t size,
                                                       DescriptorTable& table, uint32_t first) noexcept {
  const Group delta_group(extents.offset_bits, 0);
  const Group length_group(extents.length_bits, 1);
  const __m512i limit = _mm512_set1_epi64(static_cast<int64_t>(size));
  const __m512i step = _mm512_set1_epi64(static_cast<int64_t>(extents.step));
  const __m512i shortest = _mm512_set1_epi64(extents.shortest);
  const __m512i one = _mm512_set1_epi64(1);
  const __m512i longest = _mm512_set1_epi64(0xFFFFFFFF);
  __m512i before = _mm512_set1_epi64(static_cast<int64_t>(end));
  const uint8_t* deltas = extents.deltas.data();
  const uint8_t* lengths = extents.lengths.data();
  uint64_t deltas_left = extents.deltas.size();
  uint64_t lengths_left = extents.lengths.size();
  for (uint32_t left = extents.count - 1; left > 0;) {
    const uint32_t lanes = left < kLanes ? left : kLanes;
    const auto mask = static_cast<__mmask8>((1U << lanes) - 1);
    const __m512i gap = _mm512_add_epi64(step, delta_group.values<kNine>(load_left(deltas, deltas_left)));
    const __m512i length = _mm512_add_epi64(shortest, length_group.values<false>(load_left(lengths, lengths_left)));
    const __m512i sum = prefix_sum(_mm512_add_epi64(gap, length));
    const __m512i offset = _mm512_sub_epi64(_mm512_add_epi64(before, sum), length);
    const __mmask8 bad_length = _mm512_mask_cmpge_epu64_mask(mask, _mm512_sub_epi64(length, one),
                                                             longest);  // 0 wraps to the greatest
    const __mmask8 beyond = _mm512_mask_cmpgt_epu64_mask(mask, offset, limit);
    const __mmask8 sticks_out = _mm512_mask_cmpgt_epu64_mask(mask, length, _mm512_sub_epi64(limit, offset));
    const __mmask8 adjacent = _mm512_mask_testn_epi64_mask(mask, gap, gap);
    if ((bad_length | beyond | sticks_out | adjacent) == 0 && table.capacity - table.count >= kLanes) [[likely]] {
      store_eight(table.data + table.count, offset, length);
      table.count += lanes;
    } else {
      const ExtentsFault fault = append_each(offset, length, lanes, size, table, first);
      if (fault != ExtentsFault::kNone) return fault;
    }
    before = _mm512_add_epi64(before, _mm512_permutexvar_epi64(_mm512_set1_epi64(7), sum));
    left -= lanes;
    if (left == 0) break;
    deltas += delta_group.bytes;
    deltas_left -= delta_group.bytes;
    lengths += length_group.bytes;
    lengths_left -= length_group.bytes;
  }
  return ExtentsFault::kNone;
}

}  // namespace

ExtentsFault extents_avx512(const PackedExtents& extents, uint64_t size, DescriptorTable& table,
                            uint32_t first) noexcept {
  const uint64_t mask = (uint64_t{1} << extents.length_bits) - 1;
  const __m512i start = load_left(extents.lengths.data(), extents.lengths.size());
  const uint64_t length =
      extents.shortest + (static_cast<uint64_t>(_mm_cvtsi128_si64(_mm512_castsi512_si128(start))) & mask);
  const ExtentsFault fault = append_extent(extents.base, length, size, table, first);
  if (fault != ExtentsFault::kNone) return fault;
  const uint64_t end = extents.base + length;
  if (extents.offset_bits > 57) return append_rest<true>(extents, end, size, table, first);
  return append_rest<false>(extents, end, size, table, first);
}

}  // namespace pfs::simd_detail
