#include <type_traits>

#include "base/endian.hpp"
#include "wire/codec/decode/variants.hpp"
#include "wire/codec/prp32/prp32.hpp"

namespace pfs::simd_detail {
namespace {

template <class Reference>
RunFault decode_each(const uint8_t* references, uint32_t count, const RunGeometry& geometry, DescriptorTable& table,
                     uint32_t first) noexcept {
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t reference = load_be<Reference>(references + i * sizeof(Reference));
    if constexpr (std::is_same_v<Reference, uint32_t>) {
      if (geometry.permuted) reference = prp32(reference, geometry.key);
    }
    if (reference >= geometry.limit) return RunFault::kOutOfBounds;
    if (!append_merged(table, first, geometry.base + reference * geometry.item, geometry.item, Space::kBlob))
      return RunFault::kFull;
  }
  return RunFault::kNone;
}

}  // namespace

RunFault decode1_scalar(const uint8_t* references, uint32_t count, const RunGeometry& geometry, DescriptorTable& table,
                        uint32_t first) noexcept {
  return decode_each<uint8_t>(references, count, geometry, table, first);
}

RunFault decode2_scalar(const uint8_t* references, uint32_t count, const RunGeometry& geometry, DescriptorTable& table,
                        uint32_t first) noexcept {
  return decode_each<uint16_t>(references, count, geometry, table, first);
}

RunFault decode4_scalar(const uint8_t* references, uint32_t count, const RunGeometry& geometry, DescriptorTable& table,
                        uint32_t first) noexcept {
  return decode_each<uint32_t>(references, count, geometry, table, first);
}

}  // namespace pfs::simd_detail
