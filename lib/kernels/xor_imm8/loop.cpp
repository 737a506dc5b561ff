#include "kernels/xor_imm8/loop.hpp"

namespace pfs {
namespace {

constexpr Variant<XorImm8Function> kVariants[] = {
    {Isa::kScalar, simd_detail::xor_imm8_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::xor_imm8_avx2},
    {Isa::kAvx512, simd_detail::xor_imm8_avx512},
#endif
};

void resolve(uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  XorImm8Function* chosen = pick(xor_imm8_variants(), active_isa());
  simd_detail::xor_imm8.store(chosen, std::memory_order_relaxed);
  chosen(data, bytes, value);
}

}  // namespace

namespace simd_detail {

constinit Chosen<XorImm8Function> xor_imm8{resolve};

void xor_imm8_scalar(uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  for (uint64_t i = 0; i < bytes; ++i) data[i] ^= value;
}

}  // namespace simd_detail

std::span<const Variant<XorImm8Function>> xor_imm8_variants() noexcept { return kVariants; }

}  // namespace pfs
