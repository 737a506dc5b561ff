#include "kernels/add_imm8/loop.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

constexpr Kernel kKernel = kernel_of<Imm8<add_imm8, Lanewise::kAdd>>(3, "add_imm8");
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
