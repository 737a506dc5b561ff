#include "kernels/xor_imm8/loop.hpp"

namespace pfs {
namespace {

constexpr Variant<Imm8Function> kVariants[] = {
    {Isa::kScalar, simd_detail::xor_imm8_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::xor_imm8_avx2},
    {Isa::kAvx512, simd_detail::xor_imm8_avx512},
#endif
};

}  // namespace

namespace simd_detail {

void xor_imm8_scalar(uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  for (uint64_t i = 0; i < bytes; ++i) data[i] ^= value;
}

}  // namespace simd_detail

constinit Loop<Imm8Function> xor_imm8{kVariants, Loop<Imm8Function>::choose_first<xor_imm8>};

}  // namespace pfs
