#include "stages/file_sink/folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/escape.hpp"
#include "stages/file_sink/part_file.hpp"

namespace pfs {

Result<Folder> Folder::open(const std::string& path, const std::string& where) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return fail(
        where, fmt::format("folder {} cannot be opened: {}", quote(path), std::strerror(errno)),
        errno == ENOENT ? fmt::format("make it: mkdir -p {}", path) : "give a folder that files may be put into");
  Folder folder(descriptor, path);
  if (const Result<PartFile> probe = PartFile::create(folder, "probe", 0600); !probe)
    return fail(where, fmt::format("folder {}: a file {}", quote(path), probe.error().what),
                "give a folder that this user may write to");
  return folder;
}

Folder::Folder(Folder&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

Folder::~Folder() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string Folder::place_of(const std::string& name) const {
  return path_.ends_with('/') ? path_ + name : path_ + '/' + name;
}

uint64_t Folder::free_bytes() const noexcept {
  struct statvfs room {};
  return fstatvfs(descriptor_, &room) == 0 ? uint64_t{room.f_bavail} * room.f_frsize : 0;
}

std::optional<FileMark> Folder::mark_of(const std::string& name) const noexcept {
  struct stat there {};
  if (fstatat(descriptor_, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return FileMark{.device = there.st_dev,
                  .inode = there.st_ino,
                  .size = static_cast<uint64_t>(there.st_size),
                  .changed_ns = there.st_mtim.tv_sec * int64_t{1'000'000'000} + there.st_mtim.tv_nsec};
}

Result<void> Folder::check_free(const std::string& name, bool overwrite) const {
  struct stat there {};
  if (fstatat(descriptor_, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {};
    return fail(quote(place_of(name)), std::strerror(errno), {}, Exit::kFailed);
  }
  if (!overwrite)
    return fail(quote(place_of(name)), "exists already and stays as it is", "`overwrite: true` replaces it",
                Exit::kFailed);
  if (S_ISDIR(there.st_mode))
    return fail(quote(place_of(name)), "is a folder, which a file cannot replace", {}, Exit::kFailed);
  return {};
}

}  // namespace pfs
