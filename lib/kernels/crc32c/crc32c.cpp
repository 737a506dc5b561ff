#include "gram/digest.hpp"
#include "kernels/input_ranges.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

/// Value: the digest, as GRAM_END's of the same kind.
Status run(const KernelInput& input, KernelOutput& output) noexcept {
  Digest digest(DigestKind::kCrc32c);
  for_each_range(input, [&](const uint8_t* data, uint64_t bytes) noexcept { digest.update({data, bytes}); });
  output.value = digest.value();
  return Status::kDone;
}

constexpr Kernel kKernel{.op = 5, .name = "crc32c", .in_place = false, .run = run};
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
