#pragma once

#include <cstdint>
#include <span>

namespace pfs {

/// Packs `values`, each below 2^bits (bits 0 to 64), LSB-first (WIRE.md): value i takes bits i*bits and up, the last
/// byte is filled with zeros. Writes exactly packed_bytes(values.size(), bits) bytes (simd/unpack) and returns them.
uint64_t pack(std::span<const uint64_t> values, uint32_t bits, uint8_t* out) noexcept;

}  // namespace pfs
