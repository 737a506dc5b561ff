#pragma once

#include <cstdint>
#include <span>

#include "simd/loop.hpp"

namespace pfs {

using PackFunction = uint64_t(std::span<const uint64_t> values, uint32_t bits, uint8_t* out) noexcept;

namespace simd_detail {
PackFunction pack_scalar;
PackFunction pack_avx512;
}  // namespace simd_detail

/// Packs `values`, each below 2^bits (bits 0 to 64), LSB-first (WIRE.md): value i takes the bits from i*bits on, and
/// the last byte is filled with zeros. Writes exactly packed_bytes(values.size(), bits) bytes (codec/unpack) and
/// returns them.
extern Loop<PackFunction> pack;

}  // namespace pfs
