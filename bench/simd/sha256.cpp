// SHA-256: the kernel, beside OpenSSL's one call; and of sixteen messages at once.
#include <openssl/evp.h>

#include <array>
#include <string>

#include "kernels/registry.hpp"
#include "loops.hpp"
#include "measure.hpp"
#include "sha256_peers.hpp"
#include "simd/sha256_many/digests.hpp"

namespace pfs::bench {
namespace {

constexpr size_t kMessages = 16;

void many(const std::string& who, const Size& size, const char* label, DigestsFunction* digests) {
  bytes("sha256-many/" + who, size, label, [digests](const uint8_t* data, uint64_t bytes) {
    std::array<Bytes, kMessages> messages;
    std::array<Sha256Digest, kMessages> out;
    for (size_t i = 0; i < kMessages; ++i) messages[i] = {data + i * bytes / kMessages, bytes / kMessages};
    digests({}, messages, out);
    return out[0][0] ^ out[kMessages - 1][0];
  });
}

}  // namespace

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
  for (const Size& size : {Size{"16x64B", 1 << 10, 16 << 10}, Size{"16x1KiB", 16 << 10, 16 << 10},
                           Size{"16x32KiB", 512 << 10, 512 << 10}, Size{"16x1MiB", 16 << 20, kRegionBytes}}) {
    many("ours", size, sha256_many_label(), sha256_digests);
    many("openssl", size, "EVP", openssl_digests);
#if defined(PFS_HAVE_IPSEC_MB)
    many("ipsec-mb", size, "jobs", ipsec_mb_digests);
#endif
  }
}

}  // namespace pfs::bench
