#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "blob/grants.hpp"
#include "kernels/kernel.hpp"
#include "kernels/program.hpp"

namespace pfs {

/// Room that a kernel or program may need for output beside the value, bytes.
constexpr uint32_t kOutputMax = std::max(kKernelOutputMax, kProgramOutputMax);

/// What an op stands for: a kernel, a program of these, or neither.
struct Executable {
  const Kernel* kernel = nullptr;
  Program* program = nullptr;

  [[nodiscard]] bool writes() const noexcept;
  /// kDone if it exists and `stream` may let it work on `table`.
  [[nodiscard]] Status permitted(std::span<const Grant> grants, uint16_t stream,
                                 std::span<const Descriptor> table) const noexcept;
};
Executable find_executable(uint8_t op, const Programs& programs) noexcept;

/// Looks the kernel or program of `op` up, checks that `stream` may write where it would, and runs it.
/// Status::kDone fills `output`; any other status leaves its value and length 0 and has changed nothing.
Status execute(uint8_t op, const KernelInput& input, std::span<const Grant> grants, uint16_t stream,
               const Programs& programs, KernelOutput& output) noexcept;

}  // namespace pfs
