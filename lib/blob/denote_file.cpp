#include "blob/denote_file.hpp"

#include <algorithm>
#include <cstring>

namespace pfs {
namespace {

constexpr size_t kStride = 4096;  // bytes a comparison while a match goes on; a memcmp of this runs at cache speed

}  // namespace

FileDenoter::FileDenoter(const BlobView& blob, const BlockIndex& index) noexcept : blob_(blob), index_(index) {}

/// How many bytes of `rest` the blob holds from next_ on: whole blocks, or all of `rest` with a shorter tail.
size_t FileDenoter::extend(std::span<const uint8_t> rest) const noexcept {
  if (next_ == 0) return 0;
  const uint8_t* there = blob_.data + next_;
  const size_t limit = std::min<uint64_t>(rest.size(), blob_.layout.size - next_);
  size_t at = 0;
  for (const size_t step : {kStride, size_t{kIndexBlock}}) {
    while (limit - at >= step && std::memcmp(rest.data() + at, there + at, step) == 0) at += step;
  }
  const bool only_tail = rest.size() - at < kIndexBlock && limit == rest.size();
  return only_tail && std::memcmp(rest.data() + at, there + at, limit - at) == 0 ? limit : at;
}

/// Looks the block at `at` up; true if next_ now stands at a match. Misses come in rows, so a row of blocks is hashed
/// ahead, and the table's lines are on their way when a block's turn comes.
bool FileDenoter::look_up(std::span<const uint8_t> bytes, size_t at) noexcept {
  if (at < hashed_begin_ || at >= hashed_end_) {
    const size_t blocks = std::min<size_t>(kAhead, (bytes.size() - at) / kIndexBlock);
    for (size_t i = 0; i < blocks; ++i) {
      hashes_[i] = BlockIndex::hash(bytes.data() + at + i * kIndexBlock);
      index_.prefetch(hashes_[i]);
    }
    hashed_begin_ = at;
    hashed_end_ = at + blocks * kIndexBlock;
  }
  const auto found = index_.find(bytes.data() + at, hashes_[(at - hashed_begin_) / kIndexBlock]);
  if (found) next_ = *found;
  return found.has_value();
}

size_t FileDenoter::denote(std::span<const uint8_t> bytes, DescriptorTable& out) noexcept {
  hashed_begin_ = hashed_end_ = 0;
  size_t at = 0;
  while (at < bytes.size()) {
    const std::span<const uint8_t> rest = bytes.subspan(at);
    size_t match = extend(rest);
    if (match == 0 && rest.size() >= kIndexBlock && look_up(bytes, at)) match = extend(rest);
    if (match > 0) {
      if (!append_merged(out, 0, next_, match, Space::kBlob)) return at;
      next_ += match;
      referenced_ += match;
      at += match;
      continue;
    }
    size_t literal = std::min<size_t>(rest.size(), kIndexBlock);
    bool found = false;
    // Before the first match the index alone decides, and a row of misses is one piece.
    while (next_ == 0 && rest.size() - literal >= kIndexBlock && !(found = look_up(bytes, at + literal)))
      literal += kIndexBlock;
    if (!append_merged(out, 0, at, literal, Space::kSlab)) return at;
    // The block may have been changed in place; then the next one goes on where the blob does.
    if (next_ != 0 && !found) next_ = std::min(next_ + literal, blob_.layout.size);
    literal_ += literal;
    at += literal;
  }
  return at;
}

}  // namespace pfs
