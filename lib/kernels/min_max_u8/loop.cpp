#include "kernels/min_max_u8/loop.hpp"

namespace pfs {
namespace {

constexpr Variant<MinMaxU8Function> kVariants[] = {
    {Isa::kScalar, simd_detail::min_max_u8_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::min_max_u8_avx2},
    {Isa::kAvx512, simd_detail::min_max_u8_avx512},
#endif
};

MinMax resolve(const uint8_t* data, uint64_t bytes, MinMax so_far) noexcept {
  MinMaxU8Function* chosen = pick(min_max_u8_variants(), active_isa());
  simd_detail::min_max_u8.store(chosen, std::memory_order_relaxed);
  return chosen(data, bytes, so_far);
}

}  // namespace

namespace simd_detail {

constinit Chosen<MinMaxU8Function> min_max_u8{resolve};

MinMax min_max_u8_scalar(const uint8_t* data, uint64_t bytes, MinMax so_far) noexcept {
  for (uint64_t i = 0; i < bytes; ++i) {
    so_far.min = data[i] < so_far.min ? data[i] : so_far.min;
    so_far.max = data[i] > so_far.max ? data[i] : so_far.max;
  }
  return so_far;
}

}  // namespace simd_detail

std::span<const Variant<MinMaxU8Function>> min_max_u8_variants() noexcept { return kVariants; }

}  // namespace pfs
