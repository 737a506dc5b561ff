#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

namespace pfs {

template <std::unsigned_integral T>
constexpr T byteswap(T value) noexcept {
  if constexpr (sizeof(T) == 1) return value;
  if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
  if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
  if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
}

/// Reads an unaligned big-endian integer of sizeof(T) bytes.
template <std::unsigned_integral T>
T load_be(const uint8_t* at) noexcept {
  T value;
  std::memcpy(&value, at, sizeof value);
  return std::endian::native == std::endian::little ? byteswap(value) : value;
}

/// Reads an unaligned little-endian integer of sizeof(T) bytes.
template <std::unsigned_integral T>
T load_le(const uint8_t* at) noexcept {
  T value;
  std::memcpy(&value, at, sizeof value);
  return std::endian::native == std::endian::little ? value : byteswap(value);
}

template <std::unsigned_integral T>
void store_be(uint8_t* at, T value) noexcept {
  if constexpr (std::endian::native == std::endian::little) value = byteswap(value);
  std::memcpy(at, &value, sizeof value);
}

template <std::unsigned_integral T>
void store_le(uint8_t* at, T value) noexcept {
  if constexpr (std::endian::native == std::endian::big) value = byteswap(value);
  std::memcpy(at, &value, sizeof value);
}

}  // namespace pfs
