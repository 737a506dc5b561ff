#include "gram/digest.hpp"
#include "kernels/kernel_of.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

/// Value: the digest, as GRAM_END's of the same kind.
class Crc64 {
 public:
  explicit Crc64(uint64_t /*arg*/) noexcept {}
  void feed(const uint8_t* data, uint64_t bytes) noexcept { digest_.update({data, bytes}); }
  void finish(KernelOutput& output) const noexcept { output.value = digest_.value(); }

 private:
  Digest digest_{DigestKind::kCrc64};
};

constexpr Kernel kKernel = kernel_of<Crc64>(7, "crc64");
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
