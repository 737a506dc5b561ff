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

/// A kernel's folder holds one object of this type; defining it is all there is to adding a kernel, and
/// tests/kernels/NAME/reference.cpp is all there is to having the kernel tested. `kernel` outlives the program's use of
/// it (a constant of that file), its op is not 0 and no other kernel's.
struct RegisterKernel {
  explicit RegisterKernel(const Kernel& kernel) noexcept;
};

}  // namespace pfs
