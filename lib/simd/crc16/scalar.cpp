#include <array>

#include "simd/crc16/variants.hpp"

namespace pfs::simd_detail {
namespace {

constexpr uint32_t kPolynomial = 0x1021;
constexpr size_t kSlices = 8;

/// table[k][b]: the CRC (from 0) of the byte b followed by k zero bytes.
constexpr auto make_tables() {
  std::array<std::array<uint16_t, 256>, kSlices> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ ((crc & 0x8000) != 0 ? kPolynomial : 0);
    table[0][byte] = static_cast<uint16_t>(crc);
  }
  for (size_t k = 1; k < kSlices; ++k) {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      const uint16_t before = table[k - 1][byte];
      table[k][byte] = static_cast<uint16_t>((before << 8) ^ table[0][before >> 8]);
    }
  }
  return table;
}

constexpr auto kTables = make_tables();

}  // namespace

uint16_t crc16_scalar(uint16_t crc, const uint8_t* data, size_t bytes) noexcept {
  for (; bytes >= kSlices; bytes -= kSlices, data += kSlices) {
    uint32_t next = kTables[7][data[0] ^ (crc >> 8)] ^ kTables[6][data[1] ^ (crc & 0xFF)];
    for (size_t i = 2; i < kSlices; ++i) next ^= kTables[kSlices - 1 - i][data[i]];
    crc = static_cast<uint16_t>(next);
  }
  for (; bytes > 0; --bytes, ++data) {
    crc = static_cast<uint16_t>((crc << 8) ^ kTables[0][(crc >> 8) ^ *data]);
  }
  return crc;
}

}  // namespace pfs::simd_detail
