#include "wire/codec/decode/decode.hpp"

#include "wire/codec/decode/variants.hpp"

namespace pfs {
namespace {

constexpr Variant<DecodeFunction> kVariants1[] = {
    {Isa::kScalar, simd_detail::decode1_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::decode1_avx2},
    {Isa::kAvx512, simd_detail::decode1_avx512},
#endif
};
constexpr Variant<DecodeFunction> kVariants2[] = {
    {Isa::kScalar, simd_detail::decode2_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::decode2_avx2},
    {Isa::kAvx512, simd_detail::decode2_avx512},
#endif
};
constexpr Variant<DecodeFunction> kVariants4[] = {
    {Isa::kScalar, simd_detail::decode4_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::decode4_avx2},
    {Isa::kAvx512, simd_detail::decode4_avx512},
#endif
};

template <uint32_t kWidthPow2>
RunFault resolve(const uint8_t* references, uint32_t count, const RunGeometry& geometry, DescriptorTable& table,
                 uint32_t first) noexcept {
  DecodeFunction* chosen = pick(decode_variants(kWidthPow2), active_isa());
  simd_detail::decode[kWidthPow2].store(chosen, std::memory_order_relaxed);
  return chosen(references, count, geometry, table, first);
}

}  // namespace

namespace simd_detail {
constinit Chosen<DecodeFunction> decode[3] = {resolve<0>, resolve<1>, resolve<2>};
}

std::span<const Variant<DecodeFunction>> decode_variants(uint32_t width_pow2) noexcept {
  if (width_pow2 == 0) return kVariants1;
  if (width_pow2 == 1) return kVariants2;
  return kVariants4;
}

}  // namespace pfs
