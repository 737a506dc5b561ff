#include "simd/add_imm8/add_imm8.hpp"
#include "kernels/input_ranges.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

/// arg: low byte. Value: bytes whose value changed, which is all or none.
Status run(const KernelInput& input, KernelOutput& output) noexcept {
  const uint8_t operand = low_byte(input);
  if (operand == 0) return Status::kDone;  // nothing changes: not a byte is written
  for_each_writable_range(input, [&](uint8_t* data, uint64_t bytes) noexcept { add_imm8(data, bytes, operand); });
  output.value = input.bytes;
  return Status::kDone;
}

constexpr Kernel kKernel{.op = 3, .name = "add_imm8", .in_place = true, .run = run};
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
