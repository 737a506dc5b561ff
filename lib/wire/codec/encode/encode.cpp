#include "wire/codec/encode/encode.hpp"

#include "base/endian.hpp"
#include "wire/codec/prp32/prp32.hpp"

namespace pfs {
namespace {

constexpr Variant<EncodeFunction> kVariants1[] = {
    {Isa::kScalar, simd_detail::encode1_scalar},
#if defined(__x86_64__)
    {Isa::kAvx512, simd_detail::encode1_avx512},
#endif
};
constexpr Variant<EncodeFunction> kVariants2[] = {
    {Isa::kScalar, simd_detail::encode2_scalar},
#if defined(__x86_64__)
    {Isa::kAvx512, simd_detail::encode2_avx512},
#endif
};
constexpr Variant<EncodeFunction> kVariants4[] = {
    {Isa::kScalar, simd_detail::encode4_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::encode4_avx2},
    {Isa::kAvx512, simd_detail::encode4_avx512},
#endif
};

template <uint32_t kWidthPow2>
void resolve(uint8_t* at, const RunSequence& sequence) noexcept {
  EncodeFunction* chosen = pick(encode_variants(kWidthPow2), active_isa());
  simd_detail::encode[kWidthPow2].store(chosen, std::memory_order_relaxed);
  chosen(at, sequence);
}

}  // namespace

namespace simd_detail {

constinit Chosen<EncodeFunction> encode[3] = {resolve<0>, resolve<1>, resolve<2>};

void encode1_scalar(uint8_t* at, const RunSequence& sequence) noexcept {
  for (uint32_t i = 0; i < sequence.count; ++i) at[i] = static_cast<uint8_t>(sequence.first + i);
}

void encode2_scalar(uint8_t* at, const RunSequence& sequence) noexcept {
  for (uint32_t i = 0; i < sequence.count; ++i) store_be(at + size_t{2} * i, static_cast<uint16_t>(sequence.first + i));
}

void encode4_scalar(uint8_t* at, const RunSequence& sequence) noexcept {
  for (uint32_t i = 0; i < sequence.count; ++i) {
    const uint32_t index = sequence.first + i;
    store_be(at + size_t{4} * i, sequence.permuted ? prp32_inverse(index, sequence.key) : index);
  }
}

}  // namespace simd_detail

std::span<const Variant<EncodeFunction>> encode_variants(uint32_t width_pow2) noexcept {
  if (width_pow2 == 0) return kVariants1;
  if (width_pow2 == 1) return kVariants2;
  return kVariants4;
}

}  // namespace pfs
