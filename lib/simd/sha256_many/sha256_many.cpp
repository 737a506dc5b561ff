// The functions of OpenSSL 1.1 go on from a state that the caller gives, and give the state back. EVP's do not.
#define OPENSSL_API_COMPAT 0x10100000L
#include "simd/sha256_many/sha256_many.hpp"

#include <openssl/sha.h>

#include <algorithm>

namespace pfs {
namespace {

constexpr Variant<ShaManyFunction> kVariants[] = {
    {Isa::kScalar, simd_detail::sha256_many_scalar},
#if defined(__x86_64__)
    {Isa::kSse, simd_detail::sha256_many_sse},
    {Isa::kAvx512, simd_detail::sha256_many_avx512},
#endif
};

}  // namespace

namespace simd_detail {

void sha256_many_scalar(std::span<ShaStream> streams) noexcept {
  for (ShaStream& stream : streams) {
    SHA256_CTX context{};
    std::ranges::copy(stream.state, context.h);
    SHA256_Update(&context, stream.data, stream.blocks * kShaBlockBytes);
    std::ranges::copy(context.h, stream.state);
    stream.data += stream.blocks * kShaBlockBytes;
    stream.blocks = 0;
  }
}

}  // namespace simd_detail

constinit Loop<ShaManyFunction> sha256_many{kVariants, Loop<ShaManyFunction>::choose_first<sha256_many>};

}  // namespace pfs
