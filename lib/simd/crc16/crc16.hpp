#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "simd/variant.hpp"

namespace pfs {

/// What a window's CRC starts from.
constexpr uint16_t kCrc16Start = 0xFFFF;

using Crc16Function = uint16_t(uint16_t crc, const uint8_t* data, size_t bytes) noexcept;

/// The variants this build has, scalar first.
std::span<const Variant<Crc16Function>> crc16_variants() noexcept;

namespace simd_detail {
extern Chosen<Crc16Function> crc16;
}

/// CRC16-CCITT-FALSE (polynomial 0x1021, not reflected, no final xor) of `bytes` at `data`, going on from `crc`:
/// crc(crc(start, a), b) == crc(start, a + b). `crc` itself for 0 bytes.
inline uint16_t crc16_ccitt(uint16_t crc, const uint8_t* data, size_t bytes) noexcept {
  return simd_detail::crc16.load(std::memory_order_relaxed)(crc, data, bytes);
}

}  // namespace pfs
