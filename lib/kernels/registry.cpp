#include "kernels/registry.hpp"

#include <array>
#include <cassert>

namespace pfs {
namespace {

// Constant-initialised: it stands before the first RegisterKernel, in whatever order those are constructed.
constinit std::array<const Kernel*, 256> kernels{};

}  // namespace

const Kernel* find_kernel(uint8_t op) noexcept { return kernels[op]; }

RegisterKernel::RegisterKernel(const Kernel& kernel) noexcept {
  assert(kernel.op != 0 && kernel.run != nullptr && kernels[kernel.op] == nullptr);
  kernels[kernel.op] = &kernel;
}

}  // namespace pfs
