#include "kernels/execute.hpp"

#include "kernels/registry.hpp"

namespace pfs {

Status execute(uint8_t op, const KernelInput& input, std::span<const Grant> grants, uint16_t stream,
               const Programs& programs, KernelOutput& output) noexcept {
  output.value = 0;
  output.length = 0;
  const Kernel* kernel = find_kernel(op);
  Program* program = programs.find(op);
  if (kernel == nullptr && program == nullptr) return Status::kUnknownOp;
  const bool writes = kernel != nullptr ? kernel->in_place : program->definition().in_place();
  if (writes && !writable(grants, stream, input.table)) return Status::kNotPermitted;
  if (kernel == nullptr) return program->run(input, output);
  const Status status = kernel->check(input);
  if (status == Status::kDone) kernel->run(input, output);
  return status;
}

}  // namespace pfs
