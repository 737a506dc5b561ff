#include "blob/build.hpp"

#include <mutex>
#include <optional>
#include <vector>

#include "blob/root.hpp"

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

std::span<const uint8_t> piece_of(const BlobView& view, size_t piece) noexcept {
  return {view.data + piece * kPieceBytes, kPieceBytes};
}

}  // namespace

Result<Sha256Digest> build_blob(BlobView& view, uint64_t seed, std::span<const PlacedFile> files,
                                const ParallelFor& parallel_for) {
  std::vector<Sha256Digest> leaves(view.layout.size / kPieceBytes);
  FirstError failed;
  parallel_for(leaves.size(), [&](size_t piece) {
    fill_piece(view, seed, piece * kPieceBytes, kPieceBytes);
    if (auto loaded = load_piece(view, files, piece * kPieceBytes, kPieceBytes); !loaded) {
      failed.offer(piece, std::move(loaded.error()));
      return;
    }
    leaves[piece] = leaf_hash(piece_of(view, piece));
  });
  if (failed.get()) return tl::unexpected(*failed.get());
  const Sha256Digest root = merkle_root(leaves);
  view.id = blob_id(root);
  return root;
}

Sha256Digest root_of(const BlobView& view, const ParallelFor& parallel_for) {
  std::vector<Sha256Digest> leaves(view.layout.size / kPieceBytes);
  parallel_for(leaves.size(), [&](size_t piece) { leaves[piece] = leaf_hash(piece_of(view, piece)); });
  return merkle_root(leaves);
}

}  // namespace pfs
