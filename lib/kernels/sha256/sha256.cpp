#include <algorithm>

#include "base/endian.hpp"
#include "base/sha256.hpp"
#include "kernels/input_ranges.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

/// Value: the first 8 bytes of the digest. Bytes: the digest.
Status run(const KernelInput& input, KernelOutput& output) noexcept {
  thread_local Sha256 sha;  // OpenSSL allocates a context: once a thread, not once a gram
  for_each_range(input, [&](const uint8_t* data, uint64_t bytes) noexcept { sha.update({data, bytes}); });
  const Sha256Digest digest = sha.finish();
  std::copy(digest.begin(), digest.end(), output.bytes);
  output.length = digest.size();
  output.value = load_be<uint64_t>(digest.data());
  return Status::kDone;
}

constexpr Kernel kKernel{.op = 11, .name = "sha256", .in_place = false, .run = run};
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
