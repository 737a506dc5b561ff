#include "stages/file_sink/incoming_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <climits>

#include "base/escape.hpp"
#include "blob/layout.hpp"

namespace pfs {
namespace {

constexpr size_t kRangesMax = 16384;      // 256 KiB of memory; a file that comes in order is one range
constexpr size_t kReadBytes = 256 << 10;  // read back at once: half of an L2 cache
constexpr size_t kPartsMax = 512;         // pieces a system call; IOV_MAX is 1024, and this stands on the stack
static_assert(kPartsMax <= IOV_MAX);

const uint8_t* bytes_of(const Descriptor& piece, const uint8_t* blob, const uint8_t* slab) noexcept {
  return (piece.in_blob() ? blob : slab) + piece.offset;
}

}  // namespace

Result<std::unique_ptr<IncomingFile>> IncomingFile::create(const Folder& folder, const IncomingConfig& config,
                                                           const FileUnit& unit) {
  const std::string name = config.name.empty() ? std::string(unit.name) : config.name;
  if (auto taken = folder.check_free(name, config.overwrite); !taken) return tl::unexpected(taken.error());
  // Nothing is reserved: else one frame of a peer's could take the whole disk.
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
      place_(folder.place_of(name)),
      part_(std::move(part)),
      covered_(kRangesMax),
      buffer_(kReadBytes) {}

Result<Drop> IncomingFile::put(uint64_t offset, uint64_t bytes, std::span<const Descriptor> pieces, const uint8_t* blob,
                               const uint8_t* slab) {
  if (!inside(offset, bytes, identity_.size)) return Drop::kUnwanted;
  const uint64_t end = offset + bytes;
  if (identity_.size != 0 && covered_.covers(offset, end)) return Drop::kDuplicate;
  if (!covered_.add(offset, end)) return Drop::kOverLimit;
  if (auto done = write(offset, pieces, blob, slab); !done) return tl::unexpected(done.error());
  rewritten_ |= offset < hashed_;
  if (rewritten_) return Drop::kNone;
  if (offset == hashed_) {
    for (const Descriptor& piece : pieces) hash_.update({bytes_of(piece, blob, slab), piece.length});
    hashed_ = end;
  }
  // What came before its turn has its turn now.
  if (auto done = hash_up_to(covered_.prefix()); !done) return tl::unexpected(done.error());
  return Drop::kNone;
}

Result<void> IncomingFile::write(uint64_t offset, std::span<const Descriptor> pieces, const uint8_t* blob,
                                 const uint8_t* slab) {
  std::array<iovec, kPartsMax> parts;
  while (!pieces.empty()) {
    const size_t count = std::min(pieces.size(), kPartsMax);
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; ++i) {
      // writev reads only; its interface has no const.
      parts[i] = {const_cast<uint8_t*>(bytes_of(pieces[i], blob, slab)), pieces[i].length};
      bytes += pieces[i].length;
    }
    if (auto done = part_.write(offset, {parts.data(), count}); !done) return done;
    offset += bytes;
    pieces = pieces.subspan(count);
  }
  return {};
}

Result<void> IncomingFile::hash_up_to(uint64_t end) {
  while (hashed_ < end) {
    const std::span<uint8_t> piece(buffer_.data(), std::min<uint64_t>(buffer_.size(), end - hashed_));
    if (auto done = part_.read(hashed_, piece); !done) return done;
    hash_.update(piece);
    hashed_ += piece.size();
  }
  return {};
}

Result<bool> IncomingFile::verify() {
  if (rewritten_) {
    hash_.finish();
    hashed_ = 0;
    if (auto done = hash_up_to(identity_.size); !done) return tl::unexpected(done.error());
    rewritten_ = false;
  }
  return hash_.finish() == identity_.sha256;
}

}  // namespace pfs
