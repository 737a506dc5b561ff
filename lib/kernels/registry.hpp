#pragma once

#include <cstdint>

#include "kernels/kernel.hpp"

namespace pfs {

/// The kernel of an opcode, or nullptr. Op 0 (none) has no kernel.
const Kernel* find_kernel(uint8_t op) noexcept;

/// A kernel's folder holds one object of this type; defining it is all there is to adding a kernel. `kernel` outlives
/// the program's use of it (a constant of that file), its op is not 0 and no other kernel's.
struct RegisterKernel {
  explicit RegisterKernel(const Kernel& kernel) noexcept;
};

}  // namespace pfs
