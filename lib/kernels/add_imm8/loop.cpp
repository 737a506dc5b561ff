#include "kernels/add_imm8/loop.hpp"

namespace pfs {
namespace {

constexpr Variant<AddImm8Function> kVariants[] = {
    {Isa::kScalar, simd_detail::add_imm8_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::add_imm8_avx2},
    {Isa::kAvx512, simd_detail::add_imm8_avx512},
#endif
};

void resolve(uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  AddImm8Function* chosen = pick(add_imm8_variants(), active_isa());
  simd_detail::add_imm8.store(chosen, std::memory_order_relaxed);
  chosen(data, bytes, value);
}

}  // namespace

namespace simd_detail {

constinit Chosen<AddImm8Function> add_imm8{resolve};

void add_imm8_scalar(uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  for (uint64_t i = 0; i < bytes; ++i) data[i] = static_cast<uint8_t>(data[i] + value);
}

}  // namespace simd_detail

std::span<const Variant<AddImm8Function>> add_imm8_variants() noexcept { return kVariants; }

}  // namespace pfs
