#include "wire/codec/extents/extents.hpp"

#include <algorithm>
#include <array>

#include "wire/codec/extents/append.hpp"
#include "wire/codec/unpack/unpack.hpp"

namespace pfs {
namespace {

constexpr Variant<ExtentsFunction> kVariants[] = {
    {Isa::kScalar, simd_detail::extents_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::extents_avx2},
    {Isa::kAvx512, simd_detail::extents_avx512},
#endif
};

constexpr uint32_t kBatch = 64;  // ranges unpacked at a time; a multiple of 8, so that each batch starts at a byte

/// Appends range by range, with values that `unpack_by` unpacks.
ExtentsFault append_each(UnpackFunction* unpack_by, const PackedExtents& extents, uint64_t size, DescriptorTable& table,
                         uint32_t first) noexcept {
  std::array<uint64_t, kBatch> deltas;
  std::array<uint64_t, kBatch> lengths;
  uint64_t start = extents.base;
  for (uint32_t from = 0; from < extents.count; from += kBatch) {
    const uint32_t count = std::min(kBatch, extents.count - from);
    // No delta stands behind the last range.
    const uint32_t gaps = std::min(count, extents.count - 1 - from);
    const auto behind = [&](std::span<const uint8_t> packed, uint32_t bits) {
      return packed.subspan(uint64_t{from} / 8 * bits);
    };
    unpack_by(behind(extents.deltas, extents.offset_bits), extents.offset_bits, {deltas.data(), gaps});
    unpack_by(behind(extents.lengths, extents.length_bits), extents.length_bits, {lengths.data(), count});
    for (uint32_t i = 0; i < count; ++i) {
      const uint64_t length = extents.shortest + lengths[i];
      const ExtentsFault fault = simd_detail::append_extent(start, length, size, table, first);
      if (fault != ExtentsFault::kNone) return fault;
      if (i < gaps) start += length + extents.step + deltas[i];
    }
  }
  return ExtentsFault::kNone;
}

}  // namespace

namespace simd_detail {

ExtentsFault extents_scalar(const PackedExtents& extents, uint64_t size, DescriptorTable& table,
                            uint32_t first) noexcept {
  return append_each(unpack_scalar, extents, size, table, first);
}

#if defined(__x86_64__)
// AVX2 helps with the unpacking alone, because each range depends on the one before it.
ExtentsFault extents_avx2(const PackedExtents& extents, uint64_t size, DescriptorTable& table,
                          uint32_t first) noexcept {
  return append_each(unpack_avx2, extents, size, table, first);
}
#endif

}  // namespace simd_detail

constinit Loop<ExtentsFunction> decode_extents{kVariants, Loop<ExtentsFunction>::choose_first<decode_extents>};

}  // namespace pfs
