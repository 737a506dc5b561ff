#include "kernels/execute.hpp"

#include "kernels/registry.hpp"

namespace pfs {

Status execute(uint8_t op, const KernelInput& input, std::span<const Grant> grants, uint16_t stream,
               KernelOutput& output) noexcept {
  output.value = 0;
  output.length = 0;
  const Kernel* kernel = find_kernel(op);
  if (kernel == nullptr) return Status::kUnknownOp;
  if (kernel->in_place && !writable(grants, stream, input.table)) return Status::kNotPermitted;
  const Status status = kernel->check(input);
  if (status == Status::kDone) kernel->run(input, output);
  return status;
}

}  // namespace pfs
