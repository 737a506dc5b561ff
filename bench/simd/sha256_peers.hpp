#pragma once

#include <span>

#include "base/sha256.hpp"

/// What one would take instead of sha256_digests, in its shape: digests[i] of head and then messages[i].
namespace pfs::bench {

using Bytes = std::span<const uint8_t>;
using DigestsFunction = void(Bytes head, std::span<const Bytes> messages, std::span<Sha256Digest> digests) noexcept;

/// The variant that sha256_digests runs.
const char* sha256_many_label();

/// OpenSSL's EVP, one message after the other.
DigestsFunction openssl_digests;

#if defined(PFS_HAVE_IPSEC_MB)
/// Intel's multi-buffer library, with the best instructions that it finds. It takes whole messages only, so one with a
/// head is copied behind it first; at most 16 of at most 1 MiB then.
DigestsFunction ipsec_mb_digests;
#endif

}  // namespace pfs::bench
