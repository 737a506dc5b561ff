#include "blob/root.hpp"

#include <bit>
#include <cassert>

#include "base/endian.hpp"

namespace pfs {
namespace {

constexpr uint8_t kLeafMark = 0;
constexpr uint8_t kNodeMark = 1;

// Recursion goes log2(leaves) deep: 18 levels for 256 GiB.
Sha256Digest subtree(Sha256& sha, std::span<const Sha256Digest> leaves) noexcept {  // NOLINT(misc-no-recursion)
  if (leaves.size() == 1) return leaves[0];
  const size_t split = std::bit_floor(leaves.size() - 1);  // the largest power of two below the count
  const Sha256Digest left = subtree(sha, leaves.first(split));
  const Sha256Digest right = subtree(sha, leaves.subspan(split));
  sha.update({&kNodeMark, 1});
  sha.update(left);
  sha.update(right);
  return sha.finish();
}

}  // namespace

Sha256Digest leaf_hash(std::span<const uint8_t> piece) {
  Sha256 sha;
  sha.update({&kLeafMark, 1});
  sha.update(piece);
  return sha.finish();
}

Sha256Digest merkle_root(std::span<const Sha256Digest> leaves) {
  assert(!leaves.empty());
  Sha256 sha;
  return subtree(sha, leaves);
}

uint32_t blob_id(const Sha256Digest& root) noexcept { return load_be<uint32_t>(&root[28]); }

}  // namespace pfs
