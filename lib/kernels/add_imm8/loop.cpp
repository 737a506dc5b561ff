#include "kernels/add_imm8/loop.hpp"

namespace pfs {
namespace {

constexpr Variant<Imm8Function> kVariants[] = {
    {Isa::kScalar, simd_detail::add_imm8_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::add_imm8_avx2},
    {Isa::kAvx512, simd_detail::add_imm8_avx512},
#endif
};

}  // namespace

namespace simd_detail {

void add_imm8_scalar(uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  for (uint64_t i = 0; i < bytes; ++i) data[i] = static_cast<uint8_t>(data[i] + value);
}

}  // namespace simd_detail

constinit Loop<Imm8Function> add_imm8{kVariants, Loop<Imm8Function>::choose_first<add_imm8>};

}  // namespace pfs
