#include "kernels/kernel_of.hpp"
#include "kernels/registry.hpp"
#include "kernels/xor_imm8/loop.hpp"

namespace pfs {
namespace {

/// arg: low byte. Value: bytes whose value changed, which is all or none.
class XorImm8 {
 public:
  static constexpr Lanewise kLanewise = Lanewise::kXor;
  explicit XorImm8(uint64_t arg) noexcept : operand_(low_byte(arg)) {}
  void feed(uint8_t* data, uint64_t bytes) noexcept {
    if (operand_ == 0) return;  // nothing changes: not a byte is written
    xor_imm8(data, bytes, operand_);
    changed_ += bytes;
  }
  void absorb(const Lanes& /*lanes*/, uint64_t bytes) noexcept {
    if (operand_ != 0) changed_ += bytes;
  }
  void finish(KernelOutput& output) const noexcept { output.value = changed_; }

 private:
  uint8_t operand_;
  uint64_t changed_ = 0;
};

constexpr Kernel kKernel = kernel_of<XorImm8>(2, "xor_imm8");
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
