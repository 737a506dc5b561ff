#include "kernels/kernel_of.hpp"
#include "kernels/min_max_u8/loop.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

/// Value: minimum x 256 + maximum. Of no bytes there is neither: a bad argument.
class MinMaxU8 {
 public:
  static constexpr Lanewise kLanewise = Lanewise::kMinMaxU8;
  explicit MinMaxU8(uint64_t /*arg*/) noexcept {}
  static Status check(const KernelInput& input) noexcept {
    return input.bytes == 0 ? Status::kBadArgument : Status::kDone;
  }
  void feed(const uint8_t* data, uint64_t bytes) noexcept { so_far_ = min_max_u8(data, bytes, so_far_); }
  void absorb(const Lanes& lanes, uint64_t /*bytes*/) noexcept {
    so_far_.min = std::min(so_far_.min, lanes.least());
    so_far_.max = std::max(so_far_.max, lanes.most());
  }
  void finish(KernelOutput& output) const noexcept { output.value = so_far_.min * 256U + so_far_.max; }

 private:
  MinMax so_far_;
};

constexpr Kernel kKernel = kernel_of<MinMaxU8>(9, "min_max_u8");
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
