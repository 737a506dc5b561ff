#include "kernels/input_ranges.hpp"
#include "kernels/registry.hpp"
#include "simd/count_eq/count_eq.hpp"

namespace pfs {
namespace {

/// arg: low byte. Value: bytes equal to it.
Status run(const KernelInput& input, KernelOutput& output) noexcept {
  const uint8_t wanted = low_byte(input);
  uint64_t count = 0;
  for_each_range(input, [&](const uint8_t* data, uint64_t bytes) noexcept { count += count_eq(data, bytes, wanted); });
  output.value = count;
  return Status::kDone;
}

constexpr Kernel kKernel{.op = 4, .name = "count_eq_imm8", .in_place = false, .run = run};
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
