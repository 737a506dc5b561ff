#include "kernels/sum_u8/loop.hpp"

namespace pfs {
namespace {

constexpr Variant<SumU8Function> kVariants[] = {
    {Isa::kScalar, simd_detail::sum_u8_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::sum_u8_avx2},
    {Isa::kAvx512, simd_detail::sum_u8_avx512},
#endif
};

}  // namespace

namespace simd_detail {

uint64_t sum_u8_scalar(const uint8_t* data, uint64_t bytes) noexcept {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < bytes; ++i) sum += data[i];
  return sum;
}

}  // namespace simd_detail

constinit Loop<SumU8Function> sum_u8{kVariants, Loop<SumU8Function>::choose_first<sum_u8>};

}  // namespace pfs
