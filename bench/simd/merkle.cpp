// A blob's root, on one core: the leaves are nearly all of it.
#include <openssl/evp.h>

#include <array>

#include "blob/build.hpp"
#include "loops.hpp"
#include "measure.hpp"

namespace pfs::bench {

void register_merkle() {
  bytes("merkle-root/ours", {"64MiB", 64 << 20, kRegionBytes}, "OpenSSL", [](uint8_t* data, uint64_t bytes) {
    const BlobView view{.data = data, .layout = {.size = bytes}};
    return root_of(view, [](size_t count, const std::function<void(size_t)>& body) {
      for (size_t i = 0; i < count; ++i) body(i);
    })[0];
  });
  bytes("merkle-root/openssl", {"64MiB", 64 << 20, kRegionBytes}, "EVP", [](const uint8_t* data, uint64_t bytes) {
    std::array<uint8_t, EVP_MAX_MD_SIZE> digest;
    unsigned int length = 0;
    EVP_Digest(data, bytes, digest.data(), &length, EVP_sha256(), nullptr);
    return digest[0];
  });
}

}  // namespace pfs::bench
