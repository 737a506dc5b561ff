#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/units.hpp"
#include "blob/fill.hpp"

namespace pfs {
namespace {

class OpenFile {
 public:
  // The open does not block, so that a named pipe is refused at once instead of being waited for.
  explicit OpenFile(const std::string& path) noexcept : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

std::string reason(int error) { return std::error_code(error, std::generic_category()).message(); }

Result<uint64_t> file_size(const std::string& path) {
  const OpenFile file(path);
  if (file.get() < 0) return fail(path, fmt::format("blob file cannot be read: {}", reason(errno)), "check blob.files");
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return fail(path, fmt::format("blob file: {}", reason(errno)));
  if (!S_ISREG(status.st_mode)) return fail(path, "blob file is not a regular file", "check blob.files");
  return static_cast<uint64_t>(status.st_size);
}

/// Reads [from, from + bytes) of the file to `at`.
Result<void> read_range(const std::string& path, uint8_t* at, uint64_t from, uint64_t bytes) {
  const OpenFile file(path);
  if (file.get() < 0) return fail(path, fmt::format("blob file: {}", reason(errno)), {}, Exit::kFailed);
  while (bytes > 0) {
    const ssize_t got = ::pread(file.get(), at, bytes, static_cast<off_t>(from));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(path, fmt::format("blob file: {}", reason(errno)), {}, Exit::kFailed);
    if (got == 0) return fail(path, "blob file became shorter while it was read", "run again", Exit::kFailed);
    at += got;
    from += static_cast<uint64_t>(got);
    bytes -= static_cast<uint64_t>(got);
  }
  return {};
}

uint64_t round_up(uint64_t value, uint64_t unit) noexcept { return (value + unit - 1) / unit * unit; }

}  // namespace

Result<std::vector<PlacedFile>> place_files(const Layout& layout, std::span<const std::string> paths) {
  std::vector<PlacedFile> files;
  std::optional<size_t> misfit;  // the first file that does not fit
  uint64_t at = layout.l3;
  uint64_t end = layout.l3;
  for (const std::string& path : paths) {
    const Result<uint64_t> size = file_size(path);
    if (!size) return tl::unexpected(size.error());
    if (!misfit && !inside(at, *size, layout.size)) misfit = files.size();
    files.push_back({path, at, *size});
    end = at + *size;
    at = round_up(end, layout.block);
  }
  if (!misfit) return files;
  const PlacedFile& file = files[*misfit];
  return fail(file.path,
              fmt::format("blob file of {} bytes at offset {} does not fit a blob of {} bytes: {} bytes are missing",
                          file.size, file.offset, layout.size, file.offset + file.size - layout.size),
              fmt::format("blob.size={}MiB holds all of blob.files", round_up(end, kPieceBytes) / kPieceBytes));
}

Result<void> load_piece(BlobView& view, std::span<const PlacedFile> files, uint64_t offset, uint64_t length) {
  const uint64_t end = offset + length;
  // Files lie in rising order: the first that ends behind the piece's start is the first that can touch it.
  const auto first = std::partition_point(files.begin(), files.end(),
                                          [&](const PlacedFile& file) { return file.offset + file.size <= offset; });
  for (auto file = first; file != files.end() && file->offset < end; ++file) {
    const uint64_t from = std::max(offset, file->offset);
    const uint64_t to = std::min(end, file->offset + file->size);
    if (from >= to) continue;
    if (auto read = read_range(file->path, view.data + from, from - file->offset, to - from); !read) return read;
  }
  return {};
}

}  // namespace pfs
