#include "stages/file_sink/incoming_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "blob/layout.hpp"

namespace pfs {
namespace {

constexpr size_t kRangesMax = 16384;  // 256 KiB of memory; a file that comes in order is one range
}  // namespace

Result<std::unique_ptr<IncomingFile>> IncomingFile::create(const Folder& folder, const IncomingConfig& config,
                                                           const FileUnit& unit) {
  const std::string name = config.name.empty() ? std::string(unit.name) : config.name;
  if (auto taken = folder.check_free(name, config.overwrite); !taken) return tl::unexpected(taken.error());
  // No room is reserved, because one frame of a peer could then take the whole disk.
  if (const uint64_t free = folder.free_bytes(); unit.size > free)
    return fail(quote(folder.place_of(name)), fmt::format("has {} bytes, and there is room for {}", unit.size, free),
                "make room on its disk", Exit::kFailed);
  Result<PartFile> part = PartFile::create(folder, name, config.mode, config.naming);
  if (!part) return tl::unexpected(part.error());
  return std::unique_ptr<IncomingFile>(new IncomingFile(folder, config, unit, std::move(*part), name));
}

IncomingFile::IncomingFile(const Folder& folder, const IncomingConfig& config, const FileUnit& unit, PartFile part,
                           const std::string& name)
    : config_(config),
      identity_(unit),
      name_(name),
      place_(folder.place_of(name)),
      part_(std::move(part)),
      covered_(kRangesMax) {}

Drop IncomingFile::begin(uint64_t offset, const DenotedBytes& denoted) noexcept {
  gram_.reset();
  if (!inside(offset, denoted.bytes, identity_.size)) return Drop::kUnwanted;
  if (identity_.size != 0 && covered_.covers(offset, offset + denoted.bytes)) return Drop::kDuplicate;
  gram_.emplace(Incoming{.offset = offset,
                         .denoted = denoted,
                         .copy = {denoted.pieces, denoted.blob, denoted.slab},
                         .digest = Digest(denoted.digest_kind)});
  return Drop::kNone;
}

/// A gram of one slice is written only when its digest holds. Of a longer one, the earlier slices are written before
/// the digest is known: they do not count as there until it holds.
Result<std::optional<Drop>> IncomingFile::take_slice(std::span<uint8_t> room) {
  Incoming& gram = *gram_;
  const std::span<const uint8_t> slice = gram.copy.next(room);
  gram.digest.update(slice);
  const bool last = gram.done + slice.size() == gram.denoted.bytes;
  if (last && gram.denoted.digest_kind != DigestKind::kNone && gram.digest.value() != gram.denoted.digest) {
    gram_.reset();
    return Drop::kDigestMismatch;
  }
  if (auto done = write_missing(gram.offset + gram.done, slice); !done) return tl::unexpected(done.error());
  gram.done += slice.size();
  if (!last) return std::nullopt;
  const Result<Drop> fate = finish_gram(slice, room);
  gram_.reset();
  if (!fate) return tl::unexpected(fate.error());
  return *fate;
}

Result<void> IncomingFile::write_missing(uint64_t offset, std::span<const uint8_t> bytes) {
  const uint64_t end = offset + bytes.size();
  for (uint64_t at = offset; at < end;) {
    const Coverage::Range gap = covered_.gap(at, end);
    if (auto done = part_.write(gap.begin, bytes.subspan(gap.begin - offset, gap.end - gap.begin)); !done) return done;
    at = gap.end;
  }
  return {};
}

Result<Drop> IncomingFile::finish_gram(std::span<const uint8_t> last_slice, std::span<uint8_t> room) {
  const uint64_t begin = gram_->offset;
  const uint64_t end = begin + gram_->done;
  const bool all_new = covered_.gap(begin, end) == Coverage::Range{begin, end};
  if (!covered_.add(begin, end)) return Drop::kOverLimit;
  if (begin == hashed_ && all_new && last_slice.size() == gram_->done) {
    hash_.update(last_slice);
    hashed_ = end;
  }
  // Bytes that came before their turn, in several slices or in part only are read back now.
  if (auto done = hash_up_to(covered_.prefix(), room); !done) return tl::unexpected(done.error());
  return Drop::kNone;
}

Result<void> IncomingFile::hash_up_to(uint64_t end, std::span<uint8_t> room) {
  while (hashed_ < end) {
    const std::span<uint8_t> piece = room.first(std::min<uint64_t>(room.size(), end - hashed_));
    if (auto done = part_.read(hashed_, piece); !done) return done;
    hash_.update(piece);
    hashed_ += piece.size();
  }
  return {};
}

}  // namespace pfs
