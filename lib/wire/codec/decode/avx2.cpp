#include <immintrin.h>

#include "wire/codec/decode/variants.hpp"

// A step takes eight references. References that count up by one become one range at once; eight of which none follows
// another are stored as eight descriptors; anything in between, and the last few, go to the scalar version.
namespace pfs::simd_detail {
namespace {

constexpr uint32_t kLanes = 8;

[[gnu::always_inline]] inline __m256i permute(__m256i x, uint32_t key) noexcept {
  x = _mm256_xor_si256(x, _mm256_set1_epi32(static_cast<int>(key * 0x9E3779B9u)));
  x = _mm256_xor_si256(x, _mm256_slli_epi32(x, 13));
  x = _mm256_xor_si256(x, _mm256_srli_epi32(x, 17));
  x = _mm256_xor_si256(x, _mm256_slli_epi32(x, 5));
  return _mm256_xor_si256(x, _mm256_set1_epi32(static_cast<int>(key ^ 0x85EBCA77u)));
}

/// Loads eight references in host order.
template <uint32_t kBytes>
[[gnu::always_inline]] inline __m256i load(const uint8_t* at, const RunGeometry& geometry) noexcept {
  if constexpr (kBytes == 1) return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(at)));
  if constexpr (kBytes == 2) {
    const __m128i swap = _mm_set_epi8(14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1);
    return _mm256_cvtepu16_epi32(_mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), swap));
  }
  const __m128i swap = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
  const __m256i wire = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  const __m256i value = _mm256_shuffle_epi8(wire, _mm256_broadcastsi128_si256(swap));
  return geometry.permuted ? permute(value, geometry.key) : value;
}

[[gnu::always_inline]] inline bool all_equal(__m256i a, __m256i b) noexcept {
  return _mm256_movemask_epi8(_mm256_cmpeq_epi32(a, b)) == -1;
}

/// Stores four descriptors of one length.
[[gnu::always_inline]] inline void store_four(Descriptor* to, __m128i value, const RunGeometry& geometry,
                                              uint32_t shift) noexcept {
  const __m256i scaled = _mm256_sll_epi64(_mm256_cvtepu32_epi64(value), _mm_cvtsi32_si128(static_cast<int>(shift)));
  const __m256i offset = _mm256_add_epi64(scaled, _mm256_set1_epi64x(static_cast<int64_t>(geometry.base)));
  const __m256i length = _mm256_set1_epi64x(static_cast<int64_t>(geometry.item));
  const __m256i even = _mm256_unpacklo_epi64(offset, length);  // descriptors 0 and 2
  const __m256i odd = _mm256_unpackhi_epi64(offset, length);   // 1 and 3
  auto* at = reinterpret_cast<__m256i*>(to);
  _mm256_storeu_si256(at, _mm256_permute2x128_si256(even, odd, 0x20));
  _mm256_storeu_si256(at + 1, _mm256_permute2x128_si256(even, odd, 0x31));
}

/// Stores eight references as eight descriptors, if none follows another, all are in bounds and the first does not
/// continue the last range. The table has room for them.
[[gnu::always_inline]] inline bool append_scattered(__m256i value, __m256i bound, const RunGeometry& geometry,
                                                    uint32_t shift, DescriptorTable& table, uint32_t first) noexcept {
  const __m256i in_bounds = _mm256_cmpeq_epi32(_mm256_max_epu32(value, bound), bound);
  // Lane i holds reference i - 1 plus one. Lane 0 is compared with reference 7, which does not matter.
  const __m256i rotate = _mm256_set_epi32(6, 5, 4, 3, 2, 1, 0, 7);
  const __m256i expected = _mm256_add_epi32(_mm256_permutevar8x32_epi32(value, rotate), _mm256_set1_epi32(1));
  const int follows = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(value, expected))) & 0xFE;
  if (_mm256_movemask_epi8(in_bounds) != -1 || follows != 0) return false;
  if (table.count > first) {
    const Descriptor& last = table.data[table.count - 1];
    const auto start = static_cast<uint32_t>(_mm256_cvtsi256_si32(value));
    if (last.continued_at(Space::kBlob, geometry.base + (uint64_t{start} << shift))) return false;
  }
  store_four(table.data + table.count, _mm256_castsi256_si128(value), geometry, shift);
  store_four(table.data + table.count + 4, _mm256_extracti128_si256(value, 1), geometry, shift);
  table.count += kLanes;
  return true;
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
  const __m256i bound = _mm256_set1_epi32(static_cast<int>(highest));
  const __m256i iota = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
  for (; count >= kLanes; count -= kLanes, references += size_t{kLanes} * kBytes) {
    const __m256i value = load<kBytes>(references, geometry);
    const auto start = static_cast<uint32_t>(_mm256_cvtsi256_si32(value));
    const __m256i sequence = _mm256_add_epi32(_mm256_set1_epi32(static_cast<int>(start)), iota);
    if (all_equal(value, sequence) && start + uint64_t{kLanes} - 1 <= highest) {
      const uint64_t offset = geometry.base + (uint64_t{start} << shift);
      if (!append_merged(table, first, offset, uint64_t{kLanes} << shift, Space::kBlob)) return RunFault::kFull;
    } else if (table.capacity - table.count < kLanes ||
               !append_scattered(value, bound, geometry, shift, table, first)) {
      const RunFault fault = scalar(references, kLanes, geometry, table, first);
      if (fault != RunFault::kNone) return fault;
    }
  }
  return count == 0 ? RunFault::kNone : scalar(references, count, geometry, table, first);
}

}  // namespace

RunFault decode1_avx2(const uint8_t* references, uint32_t count, const RunGeometry& geometry, DescriptorTable& table,
                      uint32_t first) noexcept {
  return decode_each<1>(references, count, geometry, table, first, decode1_scalar);
}

RunFault decode2_avx2(const uint8_t* references, uint32_t count, const RunGeometry& geometry, DescriptorTable& table,
                      uint32_t first) noexcept {
  return decode_each<2>(references, count, geometry, table, first, decode2_scalar);
}

RunFault decode4_avx2(const uint8_t* references, uint32_t count, const RunGeometry& geometry, DescriptorTable& table,
                      uint32_t first) noexcept {
  return decode_each<4>(references, count, geometry, table, first, decode4_scalar);
}

}  // namespace pfs::simd_detail
