#include "blob/build.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <vector>

#include "blob/root.hpp"
#include "simd/sha256_many/digests.hpp"

namespace pfs {
namespace {

/// Keeps the error of the foremost piece that failed.
class FirstError {
 public:
  void offer(size_t piece, Error error) {
    const std::lock_guard lock(mutex_);
    if (error_ && piece_ < piece) return;
    piece_ = piece;
    error_ = std::move(error);
  }
  [[nodiscard]] const std::optional<Error>& get() const noexcept { return error_; }

 private:
  std::mutex mutex_;
  size_t piece_ = 0;
  std::optional<Error> error_;
};

/// The `count` pieces from `first` on, whose leaves are hashed at once.
struct Pieces {
  size_t first;
  size_t count;
};

/// Runs `body` on all pieces of a blob, kDigestsAtOnce at a time and fewer at the end.
void for_groups(size_t pieces, const ParallelFor& parallel_for, const std::function<void(Pieces)>& body) {
  parallel_for((pieces + kDigestsAtOnce - 1) / kDigestsAtOnce, [&](size_t group) {
    const size_t first = group * kDigestsAtOnce;
    body({first, std::min(kDigestsAtOnce, pieces - first)});
  });
}

void hash_leaves(const BlobView& view, Pieces pieces, std::vector<Sha256Digest>& leaves) noexcept {
  leaf_hashes({view.data + pieces.first * kPieceBytes, pieces.count * kPieceBytes},
              std::span(leaves).subspan(pieces.first, pieces.count));
}

}  // namespace

Result<Sha256Digest> build_blob(BlobView& view, uint64_t seed, std::span<const PlacedFile> files,
                                const ParallelFor& parallel_for) {
  std::vector<Sha256Digest> leaves(view.layout.size / kPieceBytes);
  FirstError failed;
  for_groups(leaves.size(), parallel_for, [&](Pieces pieces) {
    const uint64_t offset = pieces.first * kPieceBytes;
    const uint64_t bytes = pieces.count * kPieceBytes;
    fill_piece(view, seed, offset, bytes);
    if (auto loaded = load_piece(view, files, offset, bytes); !loaded) {
      failed.offer(pieces.first, std::move(loaded.error()));
      return;
    }
    hash_leaves(view, pieces, leaves);
  });
  if (failed.get()) return tl::unexpected(*failed.get());
  const Sha256Digest root = merkle_root(leaves);
  view.id = blob_id(root);
  return root;
}

Sha256Digest root_of(const BlobView& view, const ParallelFor& parallel_for) {
  std::vector<Sha256Digest> leaves(view.layout.size / kPieceBytes);
  for_groups(leaves.size(), parallel_for, [&](Pieces pieces) { hash_leaves(view, pieces, leaves); });
  return merkle_root(leaves);
}

}  // namespace pfs
