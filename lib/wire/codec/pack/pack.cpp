#include "wire/codec/pack/pack.hpp"

#include "base/endian.hpp"

namespace pfs {
namespace {

constexpr Variant<PackFunction> kVariants[] = {
    {Isa::kScalar, simd_detail::pack_scalar},
#if defined(__x86_64__)
    {Isa::kAvx512, simd_detail::pack_avx512},
#endif
};

}  // namespace

namespace simd_detail {

uint64_t pack_scalar(std::span<const uint64_t> values, uint32_t bits, uint8_t* out) noexcept {
  if (bits == 0) return 0;
  uint64_t held = 0;       // bits that are not written yet, the oldest ones lowest
  uint32_t held_bits = 0;  // below 64 between values
  const uint8_t* const first = out;
  for (const uint64_t value : values) {
    held |= value << held_bits;
    held_bits += bits;
    if (held_bits < 64) continue;
    store_le(out, held);
    out += 8;
    held_bits -= 64;
    // These bits did not fit. A shift by 64 (where the value fitted whole) would be undefined.
    held = held_bits == 0 ? 0 : value >> (bits - held_bits);
  }
  for (; held_bits > 0; held_bits -= held_bits < 8 ? held_bits : 8) {
    *out++ = static_cast<uint8_t>(held);
    held >>= 8;
  }
  return static_cast<uint64_t>(out - first);
}

}  // namespace simd_detail

constinit Loop<PackFunction> pack{kVariants, Loop<PackFunction>::choose_first<pack>};

}  // namespace pfs
