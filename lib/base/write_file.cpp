#include "base/write_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "base/temporary_name.hpp"

namespace pfs {
namespace {

constexpr mode_t kUsualMode = 0666;  // the process's umask takes its share

/// An open folder (or -1, and errno says why) and the name in it that a path leads to.
struct Place {
  int folder = -1;
  std::string name;

  explicit Place(const std::string& path) {
    const size_t slash = path.rfind('/');
    name = slash == std::string::npos ? path : path.substr(slash + 1);
    const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    folder = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  }
  ~Place() {
    if (folder >= 0) close(folder);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
};

/// What stands at a place.
enum class There { kNothing, kFile, kFolder, kDevice, kUnknown };

/// kUnknown leaves the reason in errno. A link that a stranger made counts as a file, which is replaced.
There look(const Place& place) {
  struct stat there {};
  if (fstatat(place.folder, place.name.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? There::kNothing : There::kUnknown;
  if (S_ISLNK(there.st_mode)) {
    const bool trusted = there.st_uid == 0 || there.st_uid == geteuid();
    if (!trusted || fstatat(place.folder, place.name.c_str(), &there, 0) != 0) return There::kFile;
  }
  if (S_ISDIR(there.st_mode)) return There::kFolder;
  return S_ISREG(there.st_mode) ? There::kFile : There::kDevice;
}

/// True when all of `text` is written; otherwise errno says why.
bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = write(descriptor, text.data(), text.size());
    if (wrote < 0 && errno != EINTR) return false;
    if (wrote > 0) text.remove_prefix(static_cast<size_t>(wrote));
  }
  return true;
}

/// Writes and closes; 0 or the error.
int fill(int descriptor, std::string_view text) {
  if (descriptor < 0) return errno;
  const int error = write_all(descriptor, text) ? 0 : errno;
  return close(descriptor) != 0 && error == 0 ? errno : error;
}

int write_device(const Place& place, const std::string& text) {
  const int descriptor = openat(place.folder, place.name.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC);
  struct stat there {};
  // The name may lead elsewhere by now; a file would be written over.
  if (descriptor >= 0 && fstat(descriptor, &there) == 0 && !S_ISREG(there.st_mode)) return fill(descriptor, text);
  const int error = descriptor < 0 ? errno : ELOOP;
  if (descriptor >= 0) close(descriptor);
  return error;
}

int replace(const Place& place, const std::string& text) {
  int descriptor = -1;
  const std::string temporary = make_temporary(place.name, [&](const std::string& name) {
    constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    descriptor = openat(place.folder, name.c_str(), kNew, kUsualMode);
    return descriptor >= 0;
  });
  int error = fill(descriptor, text);
  if (error == 0 && renameat(place.folder, temporary.c_str(), place.folder, place.name.c_str()) != 0) error = errno;
  if (error != 0 && !temporary.empty()) unlinkat(place.folder, temporary.c_str(), 0);
  return error;
}

tl::unexpected<Error> is_folder(const std::string& path, Exit exit) {
  return fail(path, "it cannot be written: it is a folder", "give the path of a file", exit);
}

}  // namespace

Result<void> write_file(const std::string& path, const std::string& text) {
  const Place place(path);
  int error = errno;
  if (place.folder >= 0) {
    const There there = look(place);
    if (there == There::kFolder) return is_folder(path, Exit::kFailed);
    error = there == There::kUnknown  ? errno
            : there == There::kDevice ? write_device(place, text)
                                      : replace(place, text);
  }
  if (error == 0) return {};
  return fail(path, fmt::format("it cannot be written: {}", std::strerror(error)),
              "nothing new was left there; give another path", Exit::kFailed);
}

Result<void> check_writable(const std::string& path) {
  if (path.ends_with('/')) return is_folder(path, Exit::kConfiguration);
  const Place place(path);
  const There there = place.folder < 0 ? There::kUnknown : look(place);
  if (there == There::kFolder) return is_folder(path, Exit::kConfiguration);
  if (there == There::kDevice) return {};
  const bool writable = there != There::kUnknown && faccessat(place.folder, ".", W_OK | X_OK, AT_EACCESS) == 0;
  if (writable) return {};
  return fail(path, fmt::format("it cannot be written: {}", std::strerror(errno)),
              "give the path of a file in a folder that this user may write to");
}

}  // namespace pfs
