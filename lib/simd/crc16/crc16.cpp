#include "simd/crc16/crc16.hpp"

#include "simd/crc16/variants.hpp"

namespace pfs {
namespace {

constexpr Variant<Crc16Function> kVariants[] = {
    {Isa::kScalar, simd_detail::crc16_scalar},
#if defined(__x86_64__)
    {Isa::kSse, simd_detail::crc16_sse},
    {Isa::kAvx512, simd_detail::crc16_avx512},
#endif
};

uint16_t resolve(uint16_t crc, const uint8_t* data, size_t bytes) noexcept {
  Crc16Function* chosen = pick(crc16_variants(), active_isa());
  simd_detail::crc16.store(chosen, std::memory_order_relaxed);
  return chosen(crc, data, bytes);
}

}  // namespace

namespace simd_detail {
constinit Chosen<Crc16Function> crc16{resolve};
}

std::span<const Variant<Crc16Function>> crc16_variants() noexcept { return kVariants; }

}  // namespace pfs
