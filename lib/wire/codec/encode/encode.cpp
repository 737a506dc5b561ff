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

}  // namespace

namespace simd_detail {

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

constinit Loop<EncodeFunction> encode1{kVariants1, Loop<EncodeFunction>::choose_first<encode1>};
constinit Loop<EncodeFunction> encode2{kVariants2, Loop<EncodeFunction>::choose_first<encode2>};
constinit Loop<EncodeFunction> encode4{kVariants4, Loop<EncodeFunction>::choose_first<encode4>};

}  // namespace pfs
