#include "gram/digest.hpp"
#include "kernels/kernel_of.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

/// arg: the initial value, 0 for the offset basis. Value: the digest.
class Fnv1a64 {
 public:
  explicit Fnv1a64(uint64_t arg) noexcept : state_(arg == 0 ? kFnv1a64Basis : arg) {}
  void feed(const uint8_t* data, uint64_t bytes) noexcept { state_ = fnv1a64(state_, {data, bytes}); }
  void finish(KernelOutput& output) const noexcept { output.value = state_; }

 private:
  uint64_t state_;
};

constexpr Kernel kKernel = kernel_of<Fnv1a64>(1, "fnv1a64");
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
