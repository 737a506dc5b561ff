// The functions of OpenSSL 1.1: their state lies on the stack. EVP's allocates one for each message.
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/sha.h>

#include "base/endian.hpp"
#include "kernels/kernel_of.hpp"
#include "kernels/registry.hpp"

namespace pfs {
namespace {

/// Value: the first 8 bytes of the digest. Bytes: the digest.
class Sha256 {
 public:
  static constexpr uint16_t kOutputBytes = SHA256_DIGEST_LENGTH;

  explicit Sha256(uint64_t /*arg*/) noexcept { SHA256_Init(&state_); }
  void feed(const uint8_t* data, uint64_t bytes) noexcept { SHA256_Update(&state_, data, bytes); }
  void finish(KernelOutput& output) noexcept {
    SHA256_Final(output.bytes, &state_);
    output.length = kOutputBytes;
    output.value = load_be<uint64_t>(output.bytes);
  }

 private:
  SHA256_CTX state_;
};

constexpr Kernel kKernel = kernel_of<Sha256>(11, "sha256");
const RegisterKernel kRegistered(kKernel);

}  // namespace
}  // namespace pfs
