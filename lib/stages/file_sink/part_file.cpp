#include "stages/file_sink/part_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/escape.hpp"
#include "base/temporary_name.hpp"

namespace pfs {
namespace {

constexpr mode_t kUnfinished = 0600;

}  // namespace

Result<PartFile> PartFile::create(const Folder& folder, const std::string& name, mode_t mode, Naming naming) {
  PartFile file(folder, name, mode);
  if ((naming == Naming::kUnnamedIfPossible && file.open_unnamed()) || file.open_named()) return file;
  return file.failed("cannot be made", errno);
}

PartFile::PartFile(PartFile&& other) noexcept
    : folder_(other.folder_),
      name_(std::move(other.name_)),
      mode_(other.mode_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      temporary_(std::exchange(other.temporary_, {})) {}

PartFile::~PartFile() {
  if (!temporary_.empty()) unlinkat(folder_->descriptor(), temporary_.c_str(), 0);
  if (descriptor_ >= 0) close(descriptor_);
}

bool PartFile::open_unnamed() {
  descriptor_ = openat(folder_->descriptor(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, kUnfinished);
  if (descriptor_ < 0) return false;
  // The file gets its name by way of /proc; where /proc is not mounted, it never could.
  if (access(fmt::format("/proc/self/fd/{}", descriptor_).c_str(), F_OK) == 0) return true;
  close(std::exchange(descriptor_, -1));
  return false;
}

bool PartFile::open_named() {
  constexpr int kNew = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  temporary_ = make_temporary(name_, [&](const std::string& temporary) {
    descriptor_ = openat(folder_->descriptor(), temporary.c_str(), kNew, kUnfinished);
    return descriptor_ >= 0;
  });
  return descriptor_ >= 0;
}

Result<void> PartFile::write(uint64_t offset, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return failed("cannot be written", wrote == 0 ? ENOSPC : errno);
    offset += static_cast<uint64_t>(wrote);
    bytes = bytes.subspan(static_cast<size_t>(wrote));
  }
  return {};
}

Result<void> PartFile::read(uint64_t offset, std::span<uint8_t> out) const {
  while (!out.empty()) {
    const ssize_t got = pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return failed("cannot be read back", got == 0 ? EIO : errno);
    offset += static_cast<uint64_t>(got);
    out = out.subspan(static_cast<size_t>(got));
  }
  return {};
}

Result<void> PartFile::commit(bool overwrite) {
  if (fchmod(descriptor_, mode_) != 0) return failed("cannot be given its permissions", errno);
  if (fsync(descriptor_) != 0) return failed("cannot be brought to the disk", errno);
  if (!put_in_place(overwrite)) {
    const int error = errno;
    if (error == EEXIST)
      return folder_->check_free(name_, overwrite).and_then([&]() -> Result<void> {
        return failed("cannot be put in place", error);
      });
    return failed("cannot be put in place", error);
  }
  temporary_.clear();
  if (fsync(folder_->descriptor()) != 0)
    return failed("is in place, but its folder cannot be brought to the disk", errno);
  return {};
}

bool PartFile::link_unnamed(const std::string& to) const {
  return linkat(AT_FDCWD, fmt::format("/proc/self/fd/{}", descriptor_).c_str(), folder_->descriptor(), to.c_str(),
                AT_SYMLINK_FOLLOW) == 0;
}

bool PartFile::put_in_place(bool overwrite) {
  const int folder = folder_->descriptor();
  if (temporary_.empty()) {
    if (!overwrite) return link_unnamed(name_);
    // A link never replaces; a rename does, but needs a name to start from.
    temporary_ = make_temporary(name_, [&](const std::string& temporary) { return link_unnamed(temporary); });
    if (temporary_.empty()) return false;
  }
  if (overwrite) return renameat(folder, temporary_.c_str(), folder, name_.c_str()) == 0;
  if (renameat2(folder, temporary_.c_str(), folder, name_.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  // Where the filesystem has no RENAME_NOREPLACE, a link serves, which does not replace either; the temporary name
  // goes.
  if (linkat(folder, temporary_.c_str(), folder, name_.c_str(), 0) != 0) return false;
  unlinkat(folder, temporary_.c_str(), 0);
  return true;
}

tl::unexpected<Error> PartFile::failed(const char* what, int error) const {
  return fail(quote(folder_->place_of(name_)), fmt::format("{}: {}", what, std::strerror(error)),
              error == ENOSPC || error == EDQUOT ? "make room on its disk" : "", Exit::kFailed);
}

}  // namespace pfs
