#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace pfs {

/// What tells a file in a folder from another one, or from the same one written again.
struct FileMark {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;
  int64_t changed_ns = 0;  ///< since the epoch, when its bytes were last written
  bool operator==(const FileMark&) const = default;
};

/// An open folder that files are put into, by name, relative to its descriptor.
class Folder {
 public:
  /// Errors: the path is absent or no folder, or no file can be made in the folder. A trial file, which leaves nothing,
  /// finds that out.
  static Result<Folder> open(const std::string& path, const std::string& where);
  Folder(Folder&& other) noexcept;
  Folder& operator=(Folder&&) = delete;
  ~Folder();

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] std::string place_of(const std::string& name) const;  ///< path and name, for people
  [[nodiscard]] uint64_t free_bytes() const noexcept;  ///< free for this user; 0 if the filesystem does not tell

  /// The file of that name; nothing if there is none.
  [[nodiscard]] std::optional<FileMark> mark_of(const std::string& name) const noexcept;

  /// Returns an error if `name` is taken: by anything at all, or with `overwrite` by something that a file cannot
  /// replace.
  [[nodiscard]] Result<void> check_free(const std::string& name, bool overwrite) const;

 private:
  Folder(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;
};

}  // namespace pfs
