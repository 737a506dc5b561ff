#include "kernels/registry.hpp"

#include <array>
#include <cassert>

namespace pfs {
namespace {

// Constant-initialised: it stands before the first RegisterKernel, in whatever order those are constructed.
constinit std::array<const Kernel*, 256> kernels{};
constinit const Kernel* doubled = nullptr;

}  // namespace

const Kernel* find_kernel(uint8_t op) noexcept { return kernels[op]; }

const Kernel* find_kernel(std::string_view name) noexcept {
  for (const Kernel* kernel : kernels) {
    if (kernel != nullptr && name == kernel->name) return kernel;
  }
  return nullptr;
}

std::vector<std::string_view> kernel_names() {
  std::vector<std::string_view> names;
  for (const Kernel* kernel : kernels) {
    if (kernel != nullptr) names.emplace_back(kernel->name);
  }
  return names;
}

const Kernel* doubly_registered() noexcept { return doubled; }

RegisterKernel::RegisterKernel(const Kernel& kernel) noexcept {
  assert(kernel.op != 0 && kernel.run != nullptr);
  const Kernel*& place = kernels[kernel.op];
  (place == nullptr ? place : doubled) = &kernel;
}

}  // namespace pfs
