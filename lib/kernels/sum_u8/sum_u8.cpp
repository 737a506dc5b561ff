#include "kernels/kernel_of.hpp"
#include "kernels/registry.hpp"
#include "kernels/sum_u8/loop.hpp"

namespace pfs {
namespace {

/// Value: the sum of the bytes, modulo 2^64.
class SumU8 {
 public:
  static constexpr Lanewise kLanewise = Lanewise::kSumU8;
  explicit SumU8(uint64_t /*arg*/) noexcept {}
  void feed(const uint8_t* data, uint64_t bytes) noexcept { sum_ += sum_u8(data, bytes); }
  void absorb(const Lanes& lanes, uint64_t /*bytes*/) noexcept { sum_ += lanes.sum(); }
  void finish(KernelOutput& output) const noexcept { output.value = sum_; }

 private:
  uint64_t sum_ = 0;
};

constexpr Kernel kKernel = kernel_of<SumU8>(8, "sum_u8");
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
