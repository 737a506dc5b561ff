// The functions of OpenSSL 1.1: their state lies on the stack. EVP's allocates one for each message.
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/sha.h>

#include "base/endian.hpp"
#include "kernels/input_ranges.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

/// Value: the first 8 bytes of the digest. Bytes: the digest.
Status run(const KernelInput& input, KernelOutput& output) noexcept {
  static_assert(SHA256_DIGEST_LENGTH <= kKernelOutputMax);
  SHA256_CTX state;
  SHA256_Init(&state);
  for_each_range(input, [&](const uint8_t* data, uint64_t bytes) noexcept { SHA256_Update(&state, data, bytes); });
  SHA256_Final(output.bytes, &state);
  output.length = SHA256_DIGEST_LENGTH;
  output.value = load_be<uint64_t>(output.bytes);
  return Status::kDone;
}

constexpr Kernel kKernel{.op = 11, .name = "sha256", .in_place = false, .run = run};
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
