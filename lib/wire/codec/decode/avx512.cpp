#include <immintrin.h>

#include "wire/codec/decode/variants.hpp"

// A step takes sixteen references. References that count up by one (the usual case) become one range at once; others
// are split where the count breaks, and each stretch is stored as a whole descriptor. Rare and awkward cases (an
// out-of-bounds reference, a table nearly full, items that are no power of two) go to the scalar version.
namespace pfs::simd_detail {
namespace {

constexpr uint32_t kLanes = 16;

[[gnu::always_inline]] inline __m512i permute(__m512i x, uint32_t key) noexcept {
  x = _mm512_xor_si512(x, _mm512_set1_epi32(static_cast<int>(key * 0x9E3779B9u)));
  x = _mm512_xor_si512(x, _mm512_slli_epi32(x, 13));
  x = _mm512_xor_si512(x, _mm512_srli_epi32(x, 17));
  x = _mm512_xor_si512(x, _mm512_slli_epi32(x, 5));
  return _mm512_xor_si512(x, _mm512_set1_epi32(static_cast<int>(key ^ 0x85EBCA77u)));
}

/// Loads the references in the lanes of `mask`, in host order. The other lanes may hold anything.
template <uint32_t kBytes>
[[gnu::always_inline]] inline __m512i load(const uint8_t* at, __mmask16 mask, const RunGeometry& geometry) noexcept {
  if constexpr (kBytes == 1) return _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, at));
  if constexpr (kBytes == 2) {
    const __m128i swap = _mm_set_epi8(14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1);
    return _mm512_cvtepu16_epi32(
        _mm256_shuffle_epi8(_mm256_maskz_loadu_epi16(mask, at), _mm256_broadcastsi128_si256(swap)));
  }
  const __m128i swap = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
  const __m512i wire = _mm512_maskz_loadu_epi32(mask, at);
  const __m512i value = _mm512_shuffle_epi8(wire, _mm512_broadcast_i32x4(swap));
  return geometry.permuted ? permute(value, geometry.key) : value;
}

/// Stores eight descriptors, offsets and lengths in order.
[[gnu::always_inline]] inline void store_eight(Descriptor* to, __m512i offsets, __m512i lengths) noexcept {
  const __m512i low = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0);
  const __m512i high = _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4);
  _mm512_storeu_si512(to, _mm512_permutex2var_epi64(offsets, low, lengths));
  _mm512_storeu_si512(to + 4, _mm512_permutex2var_epi64(offsets, high, lengths));
}

[[gnu::always_inline]] inline __m512i widen(__m256i value, uint32_t shift) noexcept {
  return _mm512_sll_epi64(_mm512_cvtepu32_epi64(value), _mm_cvtsi32_si128(static_cast<int>(shift)));
}

/// Appends `count` references that are in bounds and of which at least one does not follow the one before it.
/// The table has room for kLanes entries more.
[[gnu::always_inline]] inline void append_stretches(__m512i value, uint32_t count, const RunGeometry& geometry,
                                                    uint32_t shift, DescriptorTable& table, uint32_t first) noexcept {
  const __m512i iota = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m512i before = _mm512_alignr_epi32(value, _mm512_setzero_si512(), 15);  // lane i holds reference i - 1
  const auto mask = static_cast<__mmask16>((1u << count) - 1);
  const __mmask16 follows = _mm512_mask_cmpeq_epi32_mask(_mm512_test_epi32_mask(value, value), value,
                                                         _mm512_add_epi32(before, _mm512_set1_epi32(1)));
  auto starts = static_cast<__mmask16>((~static_cast<uint32_t>(follows) | 1) & mask);  // lane 0 follows none

  const uint64_t offset =
      geometry.base + (static_cast<uint64_t>(_mm_cvtsi128_si32(_mm512_castsi512_si128(value)) & 0xFFFFFFFF) << shift);
  if (table.count > first) {
    Descriptor& last = table.data[table.count - 1];
    if (last.continued_at(Space::kBlob, offset)) {
      starts = static_cast<__mmask16>(starts & ~1u);
      last.length += static_cast<uint64_t>(__builtin_ctz(starts | 1u << count)) << shift;
    }
  }
  const auto stretches = static_cast<uint32_t>(__builtin_popcount(starts));
  const __m512i index = _mm512_maskz_compress_epi32(starts, iota);
  const __m512i next = _mm512_mask_set1_epi32(_mm512_alignr_epi32(index, index, 1),  // each lane holds the next index
                                              static_cast<__mmask16>(1u << stretches >> 1), static_cast<int>(count));
  const __m512i lengths = _mm512_sub_epi32(next, index);
  const __m512i indices = _mm512_maskz_compress_epi32(starts, value);
  const __m512i base = _mm512_set1_epi64(static_cast<int64_t>(geometry.base));

  Descriptor* to = table.data + table.count;
  store_eight(to, _mm512_add_epi64(widen(_mm512_castsi512_si256(indices), shift), base),
              widen(_mm512_castsi512_si256(lengths), shift));
  if (stretches > 8) {
    store_eight(to + 8, _mm512_add_epi64(widen(_mm512_extracti64x4_epi64(indices, 1), shift), base),
                widen(_mm512_extracti64x4_epi64(lengths, 1), shift));
  }
  table.count += stretches;
}

template <uint32_t kBytes>
[[gnu::always_inline]] inline RunFault decode_each(const uint8_t* references, uint32_t count,
                                                   const RunGeometry& geometry, DescriptorTable& table, uint32_t first,
                                                   DecodeFunction* scalar) noexcept {
  if ((geometry.item & (geometry.item - 1)) != 0 || geometry.limit == 0) {
    return scalar(references, count, geometry, table, first);
  }
  const auto shift = static_cast<uint32_t>(__builtin_ctzll(geometry.item));
  const uint64_t highest = geometry.limit - 1 < 0xFFFFFFFF ? geometry.limit - 1 : 0xFFFFFFFF;
  const __m512i bound = _mm512_set1_epi32(static_cast<int>(highest));
  const __m512i iota = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  while (count > 0) {
    const uint32_t lanes = count < kLanes ? count : kLanes;
    const auto mask = static_cast<__mmask16>((1u << lanes) - 1);
    const __m512i value = load<kBytes>(references, mask, geometry);
    const auto start = static_cast<uint32_t>(_mm_cvtsi128_si32(_mm512_castsi512_si128(value)));
    const __m512i sequence = _mm512_add_epi32(_mm512_broadcastd_epi32(_mm512_castsi512_si128(value)), iota);
    const bool sequential = _mm512_mask_cmpneq_epi32_mask(mask, value, sequence) == 0;
    if (sequential && start + uint64_t{lanes} - 1 <= highest) {
      const uint64_t offset = geometry.base + (uint64_t{start} << shift);
      if (!append_merged(table, first, offset, uint64_t{lanes} << shift, Space::kBlob)) return RunFault::kFull;
    } else if (_mm512_mask_cmpgt_epu32_mask(mask, value, bound) == 0 && table.capacity - table.count >= kLanes) {
      append_stretches(value, lanes, geometry, shift, table, first);
    } else {
      const RunFault fault = scalar(references, lanes, geometry, table, first);
      if (fault != RunFault::kNone) return fault;
    }
    references += size_t{lanes} * kBytes;
    count -= lanes;
  }
  return RunFault::kNone;
}

}  // namespace

RunFault decode1_avx512(const uint8_t* references, uint32_t count, const RunGeometry& geometry, DescriptorTable& table,
                        uint32_t first) noexcept {
  return decode_each<1>(references, count, geometry, table, first, decode1_scalar);
}

RunFault decode2_avx512(const uint8_t* references, uint32_t count, const RunGeometry& geometry, DescriptorTable& table,
                        uint32_t first) noexcept {
  return decode_each<2>(references, count, geometry, table, first, decode2_scalar);
}

RunFault decode4_avx512(const uint8_t* references, uint32_t count, const RunGeometry& geometry, DescriptorTable& table,
                        uint32_t first) noexcept {
  return decode_each<4>(references, count, geometry, table, first, decode4_scalar);
}

}  // namespace pfs::simd_detail
