#include "kernels/sum_u64/loop.hpp"

#include "base/endian.hpp"

namespace pfs {
namespace {

constexpr Variant<SumU64Function> kVariants[] = {
    {Isa::kScalar, simd_detail::sum_u64_scalar},
#if defined(__x86_64__)
    {Isa::kAvx2, simd_detail::sum_u64_avx2},
    {Isa::kAvx512, simd_detail::sum_u64_avx512},
#endif
};

}  // namespace

namespace simd_detail {

uint64_t sum_u64_scalar(const uint8_t* data, uint64_t bytes) noexcept {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < bytes; i += 8) sum += load_le<uint64_t>(data + i);
  return sum;
}

}  // namespace simd_detail

constinit Loop<SumU64Function> sum_u64{kVariants, Loop<SumU64Function>::choose_first<sum_u64>};

}  // namespace pfs
