#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "kernels/kernel.hpp"

namespace pfs {

/// The kernel of an opcode, or nullptr. Op 0 (none) has no kernel.
const Kernel* find_kernel(uint8_t op) noexcept;

/// The kernel of a name, or nullptr.
const Kernel* find_kernel(std::string_view name) noexcept;

/// All of them, by opcode.
std::vector<std::string_view> kernel_names();

/// A kernel whose opcode another kernel had already, so that it cannot be found; null where every kernel has its own.
const Kernel* doubly_registered() noexcept;

/// A kernel's folder holds one object of this type. Defining the object adds the kernel to the program;
/// tests/kernels/NAME/reference.cpp has the kernel tested, and a row of KERNELS.md documents it. `kernel` is a constant
/// of that file, its op is not 0 and no other kernel's.
struct RegisterKernel {
  explicit RegisterKernel(const Kernel& kernel) noexcept;
};

}  // namespace pfs
