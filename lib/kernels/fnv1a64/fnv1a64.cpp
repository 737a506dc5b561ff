#include "gram/digest.hpp"
#include "kernels/input_ranges.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

/// arg: the initial value, 0 for the offset basis. Value: the digest.
Status run(const KernelInput& input, KernelOutput& output) noexcept {
  uint64_t state = input.arg == 0 ? kFnv1a64Basis : input.arg;
  for_each_range(input, [&](const uint8_t* data, uint64_t bytes) noexcept { state = fnv1a64(state, {data, bytes}); });
  output.value = state;
  return Status::kDone;
}

constexpr Kernel kKernel{.op = 1, .name = "fnv1a64", .in_place = false, .run = run};
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
