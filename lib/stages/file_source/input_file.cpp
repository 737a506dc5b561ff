#include "stages/file_source/input_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/escape.hpp"
#include "gram/digest.hpp"

namespace pfs {
namespace {

constexpr size_t kHashBytes = 1 << 20;  // read at once when the whole file is hashed

bool same_time(const timespec& a, const timespec& b) noexcept { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

}  // namespace

Result<InputFile> InputFile::open(const std::string& path, const std::string& where) {
  // O_NONBLOCK, because opening a pipe without a writer would wait for one.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0)
    return fail(where, fmt::format("file {} cannot be read: {}", quote(path), std::strerror(errno)),
                "give a file that is there and that this user may read");
  InputFile file(descriptor, path);
  if (fstat(descriptor, &file.opened_) != 0 || !S_ISREG(file.opened_.st_mode))
    return fail(where, fmt::format("{} is not a regular file", quote(path)), "only regular files can be sent");
  if (auto known = file.check_size(where); !known) return tl::unexpected(known.error());
  return file;
}

InputFile::InputFile(int descriptor, const std::string& path)
    : descriptor_(descriptor), path_(path), name_(path.substr(path.rfind('/') + 1)) {}

InputFile::InputFile(InputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      name_(std::move(other.name_)),
      opened_(other.opened_) {}

InputFile::~InputFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<void> InputFile::read(uint64_t offset, std::span<uint8_t> out) const {
  while (!out.empty()) {
    const ssize_t got = pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(quote(path_), fmt::format("cannot be read: {}", std::strerror(errno)), {}, Exit::kFailed);
    if (got == 0)
      return fail(quote(path_), fmt::format("ends at {} of {} bytes", offset, size()),
                  "it became shorter while it was being sent", Exit::kFailed);
    offset += static_cast<uint64_t>(got);
    out = out.subspan(static_cast<size_t>(got));
  }
  return {};
}

Result<FileContents> InputFile::contents(const std::atomic<bool>& stop) const {
  Sha256 hash;
  Digest digest(DigestKind::kCrc64);
  std::vector<uint8_t> buffer(std::min<uint64_t>(kHashBytes, size()));
  for (uint64_t at = 0; at < size() && !stop; at += buffer.size()) {
    const std::span<uint8_t> piece(buffer.data(), std::min<uint64_t>(buffer.size(), size() - at));
    if (auto done = read(at, piece); !done) return tl::unexpected(done.error());
    hash.update(piece);
    digest.update(piece);
  }
  return FileContents{.sha256 = hash.finish(), .crc64 = digest.value()};
}

/// Files of /proc say that they have 0 bytes and those of /sys that they have a page, whatever can be read.
Result<void> InputFile::check_size(const std::string& where) const {
  uint8_t byte = 0;
  const ssize_t beyond = pread(descriptor_, &byte, 1, opened_.st_size);
  const ssize_t last = opened_.st_size == 0 ? 1 : pread(descriptor_, &byte, 1, opened_.st_size - 1);
  if (beyond < 0 || last < 0)
    return fail(where, fmt::format("file {} cannot be read: {}", quote(path_), std::strerror(errno)));
  struct stat now {};
  const bool grew = fstat(descriptor_, &now) == 0 && now.st_size > opened_.st_size;  // then changed() will say so
  if (last == 1 && (beyond == 0 || grew)) return {};
  return fail(
      where,
      fmt::format("{} says that it has {} bytes, and {} can be read, so that its size cannot be known beforehand",
                  quote(path_), size(), beyond > 0 ? "more" : "fewer"),
      "copy it to a disk and send the copy");
}

std::string InputFile::changed() const {
  struct stat now {};
  if (fstat(descriptor_, &now) != 0) return fmt::format("it cannot be looked at: {}", std::strerror(errno));
  if (now.st_size != opened_.st_size) return fmt::format("its size went from {} to {} bytes", size(), now.st_size);
  if (!same_time(now.st_mtim, opened_.st_mtim)) return "it was written to";
  struct stat named {};
  if (stat(path_.c_str(), &named) != 0) return fmt::format("its path leads nowhere: {}", std::strerror(errno));
  if (named.st_ino != opened_.st_ino || named.st_dev != opened_.st_dev) return "its path names another file";
  if (!same_time(now.st_ctim, opened_.st_ctim)) return "its attributes or links changed";
  return {};
}

}  // namespace pfs
