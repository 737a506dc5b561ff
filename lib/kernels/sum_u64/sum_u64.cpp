#include <algorithm>

#include "kernels/kernel_of.hpp"
#include "kernels/registry.hpp"
#include "kernels/sum_u64/loop.hpp"

namespace pfs {
namespace {

/// Value: the sum of little-endian u64, modulo 2^64. Every descriptor is a multiple of 8 bytes, or nothing is done.
class SumU64 {
 public:
  static constexpr Lanewise kLanewise = Lanewise::kSumU64;
  explicit SumU64(uint64_t /*arg*/) noexcept {}
  static Status check(const KernelInput& input) noexcept {
    const bool whole =
        std::all_of(input.table.begin(), input.table.end(), [](const Descriptor& d) { return d.length % 8 == 0; });
    return whole ? Status::kDone : Status::kBadArgument;
  }
  void feed(const uint8_t* data, uint64_t bytes) noexcept { sum_ += sum_u64(data, bytes); }
  void absorb(const Lanes& lanes, uint64_t /*bytes*/) noexcept { sum_ += lanes.sum(); }
  void finish(KernelOutput& output) const noexcept { output.value = sum_; }

 private:
  uint64_t sum_ = 0;
};

constexpr Kernel kKernel = kernel_of<SumU64>(10, "sum_u64");
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
