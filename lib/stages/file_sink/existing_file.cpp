#include "stages/file_sink/existing_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace pfs {

std::unique_ptr<ExistingFile> ExistingFile::open(const Folder& folder, const std::string& name, uint64_t size) {
  const int descriptor =
      openat(folder.descriptor(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (descriptor < 0) return nullptr;
  std::unique_ptr<ExistingFile> file(new ExistingFile(descriptor, size));
  struct stat there {};
  const bool same = fstat(descriptor, &there) == 0 && S_ISREG(there.st_mode) && uint64_t(there.st_size) == size;
  return same ? std::move(file) : nullptr;
}

ExistingFile::~ExistingFile() { close(descriptor_); }

std::optional<bool> ExistingFile::compare(const Sha256Digest& sha256, std::span<uint8_t> room) {
  if (read_ < size_) {
    const ssize_t got =
        pread(descriptor_, room.data(), std::min<uint64_t>(room.size(), size_ - read_), static_cast<off_t>(read_));
    if (got < 0 && errno == EINTR) return std::nullopt;
    if (got <= 0) return false;
    hash_.update(room.first(static_cast<size_t>(got)));
    read_ += static_cast<uint64_t>(got);
  }
  if (read_ < size_) return std::nullopt;
  return hash_.finish() == sha256;
}

}  // namespace pfs
