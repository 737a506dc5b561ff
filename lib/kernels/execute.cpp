#include "kernels/execute.hpp"

#include "kernels/registry.hpp"

namespace pfs {

bool Executable::writes() const noexcept {
  return kernel != nullptr ? kernel->in_place : program != nullptr && program->definition().in_place();
}

Status Executable::permitted(std::span<const Grant> grants, uint16_t stream,
                             std::span<const Descriptor> table) const noexcept {
  if (kernel == nullptr && program == nullptr) return Status::kUnknownOp;
  return !writes() || writable(grants, stream, table) ? Status::kDone : Status::kNotPermitted;
}

Executable find_executable(uint8_t op, const Programs& programs) noexcept {
  return {find_kernel(op), programs.find(op)};
}

Status execute(uint8_t op, const KernelInput& input, std::span<const Grant> grants, uint16_t stream,
               const Programs& programs, KernelOutput& output) noexcept {
  output.value = 0;
  output.length = 0;
  const Executable found = find_executable(op, programs);
  if (const Status status = found.permitted(grants, stream, input.table); status != Status::kDone) return status;
  if (found.kernel == nullptr) return found.program->run(input, output);
  const Status status = found.kernel->check(input);
  if (status == Status::kDone) found.kernel->run(input, output);
  return status;
}

}  // namespace pfs
