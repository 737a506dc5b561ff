#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "simd/loop.hpp"

namespace pfs {

/// What a window's CRC starts from.
constexpr uint16_t kCrc16Start = 0xFFFF;

using Crc16Function = uint16_t(uint16_t crc, const uint8_t* data, size_t bytes) noexcept;

/// CRC16-CCITT-FALSE (polynomial 0x1021, not reflected, no final xor) of `bytes` at `data`, going on from `crc`:
/// crc(crc(start, a), b) == crc(start, a + b). `crc` itself for 0 bytes.
extern Loop<Crc16Function> crc16_ccitt;

}  // namespace pfs
