#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"
#include "base/sha256.hpp"

namespace pfs {

/// A regular file, open for reading, with the size it had then. Read by pread, never mapped: a file that is cut short
/// meanwhile is an error here, not a fault.
class InputFile {
 public:
  /// Errors: absent, unreadable, not a regular file.
  static Result<InputFile> open(const std::string& path, const std::string& where);
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile();

  /// Fills all of `out` from `offset` on. Errors: the disk's, or the file has become shorter.
  Result<void> read(uint64_t offset, std::span<uint8_t> out) const;

  /// Reads all of it; of no meaning once `stop` is set.
  [[nodiscard]] Result<Sha256Digest> sha256(const std::atomic<bool>& stop) const;

  [[nodiscard]] uint64_t size() const noexcept { return size_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }  ///< without folders

 private:
  InputFile(int descriptor, const std::string& path, uint64_t size);
  int descriptor_;
  std::string path_;
  std::string name_;
  uint64_t size_;
};

}  // namespace pfs
