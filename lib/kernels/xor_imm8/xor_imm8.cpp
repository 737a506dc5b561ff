#include "kernels/registry.hpp"
#include "kernels/xor_imm8/loop.hpp"

namespace pfs {
namespace {

constexpr Kernel kKernel = kernel_of<Imm8<xor_imm8, Lanewise::kXor>>(2, "xor_imm8");
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
