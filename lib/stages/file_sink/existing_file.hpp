#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/sha256.hpp"
#include "stages/file_sink/folder.hpp"

namespace pfs {

/// A file that stands in the folder already under the name of one that is announced. It may be the very same file: a
/// receiver that was killed after it had put the file in place, and before it could say so, is sent the file again.
class ExistingFile {
 public:
  /// Null if no regular file of this name and size can be read there.
  static std::unique_ptr<ExistingFile> open(const Folder& folder, const std::string& name, uint64_t size);
  ~ExistingFile();
  ExistingFile(const ExistingFile&) = delete;
  ExistingFile& operator=(const ExistingFile&) = delete;

  /// Reads on, at most as much as `room` holds. Returns nothing while there is more to read, and then whether the whole
  /// file has this SHA-256. A file that cannot be read to its end has not.
  std::optional<bool> compare(const Sha256Digest& sha256, std::span<uint8_t> room);

 private:
  ExistingFile(int descriptor, uint64_t size) : descriptor_(descriptor), size_(size) {}

  int descriptor_;
  uint64_t size_;
  uint64_t read_ = 0;
  Sha256 hash_;
};

}  // namespace pfs
