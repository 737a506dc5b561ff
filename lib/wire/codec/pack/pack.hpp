#pragma once

#include <cstdint>
#include <span>

#include "simd/variant.hpp"

namespace pfs {

using PackFunction = uint64_t(std::span<const uint64_t> values, uint32_t bits, uint8_t* out) noexcept;

/// The variants of this build, the scalar one first.
std::span<const Variant<PackFunction>> pack_variants() noexcept;

namespace simd_detail {
extern Chosen<PackFunction> pack;
PackFunction pack_scalar;
PackFunction pack_avx512;
}  // namespace simd_detail

/// Packs `values`, each below 2^bits (bits 0 to 64), LSB-first (WIRE.md): value i takes the bits from i*bits on, and
/// the last byte is filled with zeros. Writes exactly packed_bytes(values.size(), bits) bytes (codec/unpack) and
/// returns them.
inline uint64_t pack(std::span<const uint64_t> values, uint32_t bits, uint8_t* out) noexcept {
  return simd_detail::pack.load(std::memory_order_relaxed)(values, bits, out);
}

}  // namespace pfs
