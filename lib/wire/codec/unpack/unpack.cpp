#include "wire/codec/unpack/unpack.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/endian.hpp"

namespace pfs {
namespace {

constexpr Variant<UnpackFunction> kVariants[] = {
    {Isa::kScalar, simd_detail::unpack_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::unpack_avx2},
    {Isa::kAvx512, simd_detail::unpack_avx512},
#endif
};

constexpr size_t kReach = 9;  // bytes that a value of 64 bits can touch

/// The value at `bit` of an array of which at least kReach bytes from the value's first byte on may be read.
uint64_t value_at(const uint8_t* packed, uint64_t bit, uint64_t mask) noexcept {
  const uint8_t* at = packed + bit / 8;
  const uint32_t shift = bit % 8;
  uint64_t value = load_le<uint64_t>(at) >> shift;
  // The ninth byte's bits stand above the first eight's; shift 0 needs none of them, and << 64 is not to be written.
  value |= static_cast<uint64_t>(at[8]) << 1 << (63 - shift);
  return value & mask;
}

}  // namespace

namespace simd_detail {

void unpack_scalar(std::span<const uint8_t> packed, uint32_t bits, std::span<uint64_t> out) noexcept {
  if (bits == 0) {
    std::fill(out.begin(), out.end(), 0);
    return;
  }
  const uint64_t mask = ~uint64_t{0} >> (64 - bits);
  // Values whose first byte has kReach bytes left in the span are read in place, and the last few from a padded copy.
  const uint64_t open = packed.size() >= kReach ? packed.size() - kReach + 1 : 0;
  const size_t direct = std::min<size_t>(out.size(), (open * 8 + bits - 1) / bits);
  for (size_t i = 0; i < direct; ++i) out[i] = value_at(packed.data(), i * bits, mask);
  if (direct == out.size()) return;

  std::array<uint8_t, 2 * kReach> tail{};
  const uint64_t start = direct * bits / 8;
  std::memcpy(tail.data(), packed.data() + start, std::min<size_t>(packed.size() - start, kReach));
  for (size_t i = direct; i < out.size(); ++i) out[i] = value_at(tail.data(), i * bits - start * 8, mask);
}

}  // namespace simd_detail

constinit Loop<UnpackFunction> unpack{kVariants, Loop<UnpackFunction>::choose_first<unpack>};

}  // namespace pfs
