#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"
#include "gram/digest.hpp"
#include "stages/file_source/input_file.hpp"
#include "wire/extension.hpp"

namespace pfs {

/// A file and what a first reading of the whole file found.
struct KnownFile {
  InputFile file;
  FileContents contents;
};

/// A file on its way out: read a second time, from its beginning to its end, and compared with the first reading.
class OutgoingFile {
 public:
  /// `known` outlives this object.
  explicit OutgoingFile(const KnownFile& known) noexcept
      : known_(known), unit_{.size = size(), .sha256 = known.contents.sha256, .name = known.file.name()} {}

  /// Fills `room`, or less of it at the end of the file, and returns what was filled. An empty file has one reading,
  /// of nothing. The error is the file's.
  Result<std::span<const uint8_t>> read_next(std::span<uint8_t> room);

  [[nodiscard]] uint64_t offset() const noexcept { return offset_; }  ///< of the next reading
  [[nodiscard]] bool begun() const noexcept { return begun_; }
  [[nodiscard]] bool all_read() const noexcept { return begun_ && offset_ == size(); }
  [[nodiscard]] uint64_t size() const noexcept { return known_.file.size(); }
  [[nodiscard]] const std::string& path() const noexcept { return known_.file.path(); }
  [[nodiscard]] const FileUnit& unit() const noexcept { return unit_; }  ///< as frames announce the file

  /// Returns in words what has changed since the first reading, or nothing if nothing has. Once all is read, the bytes
  /// are compared as well.
  [[nodiscard]] std::string changed() const;

 private:
  const KnownFile& known_;
  FileUnit unit_;
  uint64_t offset_ = 0;
  bool begun_ = false;
  Digest sent_{DigestKind::kCrc64};  // of all that was read
};

}  // namespace pfs
