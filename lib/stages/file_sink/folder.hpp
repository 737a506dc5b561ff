#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace pfs {

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

  /// Returns an error if `name` is taken: by anything at all, or with `overwrite` by something that a file cannot
  /// replace.
  [[nodiscard]] Result<void> check_free(const std::string& name, bool overwrite) const;

 private:
  Folder(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;
};

}  // namespace pfs
