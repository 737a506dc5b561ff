#include "kernels/count_eq_imm8/loop.hpp"

namespace pfs {
namespace {

constexpr Variant<CountEqFunction> kVariants[] = {
    {Isa::kScalar, simd_detail::count_eq_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::count_eq_avx2},
    {Isa::kAvx512, simd_detail::count_eq_avx512},
#endif
};

}  // namespace

namespace simd_detail {

uint64_t count_eq_scalar(const uint8_t* data, uint64_t bytes, uint8_t value) noexcept {
  uint64_t count = 0;
  for (uint64_t i = 0; i < bytes; ++i) count += data[i] == value;
  return count;
}

}  // namespace simd_detail

constinit Loop<CountEqFunction> count_eq{kVariants, Loop<CountEqFunction>::choose_first<count_eq>};

}  // namespace pfs
