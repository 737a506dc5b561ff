#pragma once

#include <span>

#include "base/sha256.hpp"

namespace pfs {

constexpr size_t kDigestsAtOnce = 16;  // messages; as many as the widest variant has lanes

/// The SHA-256 of several messages at once: digests[i] of `head` (at most 63 bytes) and then messages[i]. Best are
/// kDigestsAtOnce, or a multiple, of the same length; `digests` has as many places as there are messages.
void sha256_digests(std::span<const uint8_t> head, std::span<const std::span<const uint8_t>> messages,
                    std::span<Sha256Digest> digests) noexcept;

}  // namespace pfs
