#pragma once

#include <cstddef>
#include <cstdint>

/// The implementations behind crc16_ccitt(). All agree with the scalar one on every input.
namespace pfs::simd_detail {

uint16_t crc16_scalar(uint16_t crc, const uint8_t* data, size_t bytes) noexcept;
uint16_t crc16_sse(uint16_t crc, const uint8_t* data, size_t bytes) noexcept;
uint16_t crc16_avx512(uint16_t crc, const uint8_t* data, size_t bytes) noexcept;

/// What crc16_avx512 does with long messages: at least kCrc16Long bytes.
uint16_t crc16_gfni(uint16_t crc, const uint8_t* data, size_t bytes) noexcept;
constexpr size_t kCrc16Long = 1024;

}  // namespace pfs::simd_detail
