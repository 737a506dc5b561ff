#include "simd/sum_u8/sum_u8.hpp"
#include "kernels/input_ranges.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

/// Value: the sum of the bytes, modulo 2^64.
Status run(const KernelInput& input, KernelOutput& output) noexcept {
  uint64_t sum = 0;
  for_each_range(input, [&](const uint8_t* data, uint64_t bytes) noexcept { sum += sum_u8(data, bytes); });
  output.value = sum;
  return Status::kDone;
}

constexpr Kernel kKernel{.op = 8, .name = "sum_u8", .in_place = false, .run = run};
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
