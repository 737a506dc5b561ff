// SHA-256: the kernel, beside OpenSSL's one call.
#include <openssl/evp.h>

#include <array>

#include "kernels/registry.hpp"
#include "loops.hpp"
#include "measure.hpp"

namespace pfs::bench {

void register_sha256() {
  for (const Size& size : {Size{"1KiB", 1 << 10, 16 << 10}, kL2, kDram}) {
    bytes("sha256/ours", size, "kernel 11, OpenSSL", [](uint8_t* data, uint64_t bytes) {
      static const Kernel* const kernel = find_kernel(11);
      std::array<uint8_t, kKernelOutputMax> room;
      KernelOutput output{.bytes = room.data()};
      const Descriptor whole = blob_range(0, bytes);
      kernel->run({.blob = {.data = data}, .table = {&whole, 1}, .bytes = bytes}, output);
      return output.value;
    });
    bytes("sha256/openssl", size, "EVP", [](const uint8_t* data, uint64_t bytes) {
      std::array<uint8_t, EVP_MAX_MD_SIZE> digest;
      unsigned int length = 0;
      EVP_Digest(data, bytes, digest.data(), &length, EVP_sha256(), nullptr);
      return digest[0];
    });
  }
}

}  // namespace pfs::bench
