#include "simd/min_max_u8/min_max_u8.hpp"
#include "kernels/input_ranges.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

/// Value: minimum x 256 + maximum. Of no bytes there is neither: a bad argument.
Status run(const KernelInput& input, KernelOutput& output) noexcept {
  if (input.bytes == 0) return Status::kBadArgument;
  MinMax so_far;
  for_each_range(input,
                 [&](const uint8_t* data, uint64_t bytes) noexcept { so_far = min_max_u8(data, bytes, so_far); });
  output.value = so_far.min * 256U + so_far.max;
  return Status::kDone;
}

constexpr Kernel kKernel{.op = 9, .name = "min_max_u8", .in_place = false, .run = run};
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
