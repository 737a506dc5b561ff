#include "kernels/count_eq_imm8/loop.hpp"
#include "kernels/kernel_of.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

/// arg: low byte. Value: bytes equal to it.
class CountEqImm8 {
 public:
  static constexpr Lanewise kLanewise = Lanewise::kCountEq;
  explicit CountEqImm8(uint64_t arg) noexcept : wanted_(low_byte(arg)) {}
  void feed(const uint8_t* data, uint64_t bytes) noexcept { count_ += count_eq(data, bytes, wanted_); }
  void absorb(const Lanes& lanes, uint64_t /*bytes*/) noexcept { count_ += lanes.sum(); }
  void finish(KernelOutput& output) const noexcept { output.value = count_; }

 private:
  uint8_t wanted_;
  uint64_t count_ = 0;
};

constexpr Kernel kKernel = kernel_of<CountEqImm8>(4, "count_eq_imm8");
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
