#include "kernels/execution.hpp"

#include <algorithm>
#include <new>

#include "kernels/execute.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

constexpr std::align_val_t kLine{64};

uint32_t largest_state() {
  uint32_t bytes = 0;
  for (const std::string_view name : kernel_names()) bytes = std::max(bytes, find_kernel(name)->state_bytes);
  return bytes;
}

}  // namespace

void Execution::FreeState::operator()(std::byte* state) const noexcept { ::operator delete[](state, kLine); }

Execution::Execution(std::span<const ProgramDefinition> programs)
    : programs_(programs), state_(static_cast<std::byte*>(::operator new[](largest_state(), kLine))) {}

Status Execution::begin(uint8_t op, const KernelInput& input, std::span<const Grant> grants, uint16_t stream) noexcept {
  const Executable found = find_executable(op, programs_);
  if (const Status status = found.permitted(grants, stream, input.table); status != Status::kDone) return status;
  kernel_ = found.kernel;
  program_ = found.program;
  if (program_ != nullptr) return program_->begin(input);
  if (const Status status = kernel_->check(input); status != Status::kDone) return status;
  input_ = input;
  left_ = TableCursor(input.table);
  kernel_->start(state_.get(), input.arg);
  return Status::kDone;
}

bool Execution::advance(uint64_t bytes) noexcept {
  if (program_ != nullptr) return program_->advance(bytes);
  feed_slice(*kernel_, state_.get(), input_, left_, bytes);
  return left_.done();
}

void Execution::finish(KernelOutput& output) noexcept {
  output.length = 0;
  if (program_ != nullptr) return program_->finish(output);
  kernel_->finish(state_.get(), output);
}

bool Execution::writes() const noexcept {
  return program_ != nullptr ? program_->definition().in_place() : kernel_->in_place;
}

}  // namespace pfs
