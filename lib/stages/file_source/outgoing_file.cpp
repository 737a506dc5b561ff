#include "stages/file_source/outgoing_file.hpp"

#include <algorithm>

namespace pfs {

Result<std::span<const uint8_t>> OutgoingFile::read_next(std::span<uint8_t> room) {
  const std::span<uint8_t> bytes = room.first(std::min<uint64_t>(room.size(), size() - offset_));
  if (const Result<void> done = known_.file.read(offset_, bytes); !done) return tl::unexpected(done.error());
  begun_ = true;
  offset_ += bytes.size();
  sent_.update(bytes);
  return bytes;
}

std::string OutgoingFile::changed() const {
  std::string change = known_.file.changed();
  if (!all_read() || sent_.value() == known_.contents.crc64) return change;
  return "what was sent is not what its SHA-256 was taken of" + (change.empty() ? "" : "; " + change);
}

}  // namespace pfs
