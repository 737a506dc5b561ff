#pragma once

#include <cstdint>
#include <span>

#include "simd/loop.hpp"

namespace pfs {

/// Bytes that `count` packed values of `bits` take.
constexpr uint64_t packed_bytes(uint64_t count, uint32_t bits) noexcept { return (count * bits + 7) / 8; }

using UnpackFunction = void(std::span<const uint8_t> packed, uint32_t bits, std::span<uint64_t> out) noexcept;

namespace simd_detail {
UnpackFunction unpack_scalar;
UnpackFunction unpack_avx2;
UnpackFunction unpack_avx512;
}  // namespace simd_detail

/// Unpacks `out.size()` values of `bits` (0 to 64) from an LSB-first array (WIRE.md): value i is bits i*bits and up.
/// `packed` holds at least packed_bytes(out.size(), bits); nothing behind it is read.
extern Loop<UnpackFunction> unpack;

}  // namespace pfs
