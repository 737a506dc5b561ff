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

}  // namespace

constinit Loop<DecodeFunction> decode1{kVariants1, Loop<DecodeFunction>::choose_first<decode1>};
constinit Loop<DecodeFunction> decode2{kVariants2, Loop<DecodeFunction>::choose_first<decode2>};
constinit Loop<DecodeFunction> decode4{kVariants4, Loop<DecodeFunction>::choose_first<decode4>};

}  // namespace pfs
