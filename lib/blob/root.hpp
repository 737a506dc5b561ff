#pragma once

#include <cstdint>
#include <span>

#include "base/sha256.hpp"

namespace pfs {

/// Hashes the leaves of 1 MiB pieces of a blob: each is the SHA-256 of 0x00 and the piece. `pieces` are at most
/// kDigestsAtOnce, one behind the other; `leaves` has as many places.
void leaf_hashes(std::span<const uint8_t> pieces, std::span<Sha256Digest> leaves) noexcept;

/// The Merkle root of at least one leaf (RFC 9162 section 2.1.1): inner nodes are SHA-256 of 0x01, left, right.
Sha256Digest merkle_root(std::span<const Sha256Digest> leaves);

/// The number that GRAM's blob field carries: the root's last four bytes, big-endian.
uint32_t blob_id(const Sha256Digest& root) noexcept;

}  // namespace pfs
