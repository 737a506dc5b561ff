#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <numeric>

namespace pfs {

/// What an operation does where it treats every byte alike (kSumU64: every 8 bytes), whatever stands beside it. Such
/// operations can share one pass over registers; the others need the bytes in their order.
enum class Lanewise : uint8_t { kNone, kXor, kAdd, kCountEq, kSumU8, kMinMaxU8, kSumU64 };

constexpr uint64_t kLineBytes = 64;

/// What one operation has found in whole lines of 64 bytes. kCountEq, kSumU8, kSumU64: `first` adds up to it, modulo
/// 2^64. kMinMaxU8: `first` holds minima and `second` maxima of each byte of a line.
struct alignas(kLineBytes) Lanes {
  std::array<uint64_t, 8> first{};
  std::array<uint64_t, 8> second{};

  explicit Lanes(Lanewise kind) noexcept {
    if (kind == Lanewise::kMinMaxU8) first.fill(~uint64_t{0});
  }
  [[nodiscard]] uint64_t sum() const noexcept { return std::accumulate(first.begin(), first.end(), uint64_t{0}); }
  [[nodiscard]] uint8_t least() const noexcept {
    const auto bytes = std::bit_cast<std::array<uint8_t, kLineBytes>>(first);
    return *std::min_element(bytes.begin(), bytes.end());
  }
  [[nodiscard]] uint8_t most() const noexcept {
    const auto bytes = std::bit_cast<std::array<uint8_t, kLineBytes>>(second);
    return *std::max_element(bytes.begin(), bytes.end());
  }
};

/// Machine code for several lanewise operations: goes once over `lines` lines at `data`, which it writes where one of
/// them does, and adds to `lanes`, one for each operation. With each line it asks for what is at `ahead`, and moves
/// that by `step` bytes: work and memory are busy together. Nothing is read there, so any address will do.
using FusedLoop = void(uint8_t* data, uint64_t lines, Lanes* lanes, const uint8_t* ahead, uint64_t step);

}  // namespace pfs
