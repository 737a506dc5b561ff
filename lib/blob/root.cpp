#include "blob/root.hpp"

#include <array>
#include <bit>
#include <cassert>

#include "base/endian.hpp"
#include "blob/view.hpp"
#include "simd/sha256_many/digests.hpp"

namespace pfs {
namespace {

constexpr uint8_t kLeafMark = 0;
constexpr uint8_t kNodeMark = 1;

// The recursion is log2(leaves) deep: 18 levels for 256 GiB.
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

void leaf_hashes(std::span<const uint8_t> pieces, std::span<Sha256Digest> leaves) noexcept {
  const size_t count = pieces.size() / kPieceBytes;
  assert(count <= kDigestsAtOnce);
  std::array<std::span<const uint8_t>, kDigestsAtOnce> each;
  for (size_t i = 0; i < count; ++i) each[i] = pieces.subspan(i * kPieceBytes, kPieceBytes);
  sha256_digests({&kLeafMark, 1}, std::span(each).first(count), leaves);
}

Sha256Digest merkle_root(std::span<const Sha256Digest> leaves) {
  assert(!leaves.empty());
  Sha256 sha;
  return subtree(sha, leaves);
}

uint32_t blob_id(const Sha256Digest& root) noexcept { return load_be<uint32_t>(&root[28]); }

}  // namespace pfs
