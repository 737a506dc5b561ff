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

}  // namespace

namespace simd_detail {

MinMax min_max_u8_scalar(const uint8_t* data, uint64_t bytes, MinMax so_far) noexcept {
  for (uint64_t i = 0; i < bytes; ++i) {
    so_far.min = data[i] < so_far.min ? data[i] : so_far.min;
    so_far.max = data[i] > so_far.max ? data[i] : so_far.max;
  }
  return so_far;
}

}  // namespace simd_detail

constinit Loop<MinMaxU8Function> min_max_u8{kVariants, Loop<MinMaxU8Function>::choose_first<min_max_u8>};

}  // namespace pfs
