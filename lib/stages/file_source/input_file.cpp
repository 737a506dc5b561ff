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

namespace pfs {
namespace {

constexpr size_t kHashBytes = 1 << 20;  // read at once when the whole file is hashed

}  // namespace

Result<InputFile> InputFile::open(const std::string& path, const std::string& where) {
  // Non-blocking: a pipe without a writer would be waited for.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0)
    return fail(where, fmt::format("file {} cannot be read: {}", quote(path), std::strerror(errno)),
                "give a file that is there and that this user may read");
  struct stat there {};
  const bool told = fstat(descriptor, &there) == 0;
  InputFile file(descriptor, path, told ? static_cast<uint64_t>(there.st_size) : 0);
  if (!told || !S_ISREG(there.st_mode))
    return fail(where, fmt::format("{} is not a regular file", quote(path)), "only regular files can be sent");
  return file;
}

InputFile::InputFile(int descriptor, const std::string& path, uint64_t size)
    : descriptor_(descriptor), path_(path), name_(path.substr(path.rfind('/') + 1)), size_(size) {}

InputFile::InputFile(InputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      name_(std::move(other.name_)),
      size_(other.size_) {}

InputFile::~InputFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<void> InputFile::read(uint64_t offset, std::span<uint8_t> out) const {
  while (!out.empty()) {
    const ssize_t got = pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(quote(path_), fmt::format("cannot be read: {}", std::strerror(errno)), {}, Exit::kFailed);
    if (got == 0)
      return fail(quote(path_), fmt::format("ends at {} of {} bytes", offset, size_),
                  "it became shorter while it was being sent", Exit::kFailed);
    offset += static_cast<uint64_t>(got);
    out = out.subspan(static_cast<size_t>(got));
  }
  return {};
}

Result<Sha256Digest> InputFile::sha256(const std::atomic<bool>& stop) const {
  Sha256 hash;
  std::vector<uint8_t> buffer(std::min<uint64_t>(kHashBytes, size_));
  for (uint64_t at = 0; at < size_ && !stop; at += buffer.size()) {
    const std::span<uint8_t> piece(buffer.data(), std::min<uint64_t>(buffer.size(), size_ - at));
    if (auto done = read(at, piece); !done) return tl::unexpected(done.error());
    hash.update(piece);
  }
  return hash.finish();
}

}  // namespace pfs
