#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"
#include "stages/file_sink/folder.hpp"

namespace pfs {

/// A file on its way into a folder. Nobody sees it under its name before it is whole, and it is gone when this object
/// is, unless commit() put the file in place. Where the filesystem can (O_TMPFILE) the file has no name at all until
/// then, so that even SIGKILL leaves nothing; elsewhere it has a temporary_name() that nobody can foresee.
class PartFile {
 public:
  enum class Naming { kUnnamedIfPossible, kNamed };

  /// `folder` outlives the file. `mode` is what the file's permissions are in the end; until then only its owner may
  /// read it.
  static Result<PartFile> create(const Folder& folder, const std::string& name, mode_t mode,
                                 Naming naming = Naming::kUnnamedIfPossible);
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile();

  /// Writes all of `bytes` from `offset` on.
  Result<void> write(uint64_t offset, std::span<const uint8_t> bytes);
  /// Fills all of `out` from `offset` on. A file that ends before that is an error as well.
  Result<void> read(uint64_t offset, std::span<uint8_t> out) const;

  /// Brings the file to the disk under its name, and the folder with it. Without `overwrite` a name that was taken
  /// meanwhile is an error and stays as it is; with `overwrite` the old file is replaced in one step.
  Result<void> commit(bool overwrite);

 private:
  PartFile(const Folder& folder, const std::string& name, mode_t mode) : folder_(&folder), name_(name), mode_(mode) {}
  bool open_unnamed();
  bool open_named();
  bool link_unnamed(const std::string& to) const;
  bool put_in_place(bool overwrite);
  [[nodiscard]] tl::unexpected<Error> failed(const char* what, int error) const;

  const Folder* folder_;
  std::string name_;
  mode_t mode_;
  int descriptor_ = -1;
  std::string temporary_;  // the name it goes by until it is in place; empty: none
};

}  // namespace pfs
