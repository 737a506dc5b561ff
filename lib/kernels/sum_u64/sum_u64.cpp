#include "simd/sum_u64/sum_u64.hpp"
#include "kernels/input_ranges.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

/// Value: the sum of little-endian u64, modulo 2^64. Every descriptor is a multiple of 8 bytes, or nothing is done.
Status run(const KernelInput& input, KernelOutput& output) noexcept {
  for (const Descriptor& descriptor : input.table) {
    if (descriptor.length % 8 != 0) return Status::kBadArgument;
  }
  uint64_t sum = 0;
  for_each_range(input, [&](const uint8_t* data, uint64_t bytes) noexcept { sum += sum_u64(data, bytes); });
  output.value = sum;
  return Status::kDone;
}

constexpr Kernel kKernel{.op = 10, .name = "sum_u64", .in_place = false, .run = run};
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
