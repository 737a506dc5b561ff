#include "gram/digest.hpp"
#include "kernels/kernel_of.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

/// Value: the digest, as GRAM_END's of the same kind.
class Crc32c {
 public:
  explicit Crc32c(uint64_t /*arg*/) noexcept {}
  void feed(const uint8_t* data, uint64_t bytes) noexcept { digest_.update({data, bytes}); }
  void feed_table(const KernelInput& input) noexcept {
    digest_.update(input.table, input.blob.data, input.slab, *input.room);
  }
  void finish(KernelOutput& output) const noexcept { output.value = digest_.value(); }

 private:
  Digest digest_{DigestKind::kCrc32c};
};

constexpr Kernel kKernel = kernel_of<Crc32c>(5, "crc32c");
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
