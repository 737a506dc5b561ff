#pragma once

#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"
#include "base/sha256.hpp"

namespace pfs {

/// What a first reading of a whole file found.
struct FileContents {
  Sha256Digest sha256{};
  uint64_t crc64 = 0;  ///< CRC-64 of the same bytes: cheap enough to be taken again as they are sent
};

/// A regular file, open for reading, with the size it had when it was opened. The file is read by pread and never
/// mapped, so that one that is cut short meanwhile is an error and not a fault.
class InputFile {
 public:
  /// Errors: absent, unreadable, not a regular file, or a file whose size cannot be known beforehand because more or
  /// fewer bytes can be read than it says (as under /proc and /sys).
  static Result<InputFile> open(const std::string& path, const std::string& where);
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile();

  /// Fills all of `out` from `offset` on. The error is the disk's, or that the file has become shorter.
  Result<void> read(uint64_t offset, std::span<uint8_t> out) const;

  /// Reads the whole file. What is returned has no meaning once `stop` is set.
  [[nodiscard]] Result<FileContents> contents(const std::atomic<bool>& stop) const;

  /// Returns in words what has changed since the file was opened: its size, its modification or change time, or the
  /// file that its path names. Returns nothing if nothing has.
  [[nodiscard]] std::string changed() const;

  [[nodiscard]] uint64_t size() const noexcept { return static_cast<uint64_t>(opened_.st_size); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }  ///< without folders

 private:
  InputFile(int descriptor, const std::string& path);
  [[nodiscard]] Result<void> check_size(const std::string& where) const;

  int descriptor_;
  std::string path_;
  std::string name_;
  struct stat opened_ {};  // as the file was when it was opened
};

}  // namespace pfs
