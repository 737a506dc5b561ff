#include "dpdk/left_behind.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/escape.hpp"

namespace pfs {
namespace {

/// `rtemap_12`: how EAL names a file of hugepages (HUGEFILE_FMT in eal_filesystem.h).
bool is_page_file(const std::string& name) {
  const size_t stem = name.rfind("map_");
  const size_t number = stem + 4;
  return stem != std::string::npos && stem > 0 && number < name.size() &&
         name.find_first_not_of("0123456789", number) == std::string::npos;
}

/// Bytes of a file that nobody has locked, which is gone then; 0 if somebody has.
uint64_t take_back(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return 0;
  struct stat status {};
  const bool dead = fstat(file, &status) == 0 && S_ISREG(status.st_mode) && flock(file, LOCK_EX | LOCK_NB) == 0 &&
                    unlink(path.c_str()) == 0;
  close(file);
  return dead ? static_cast<uint64_t>(status.st_size) : 0;
}

/// connect()'s error at a path, 0 if somebody listens.
int try_socket(const sockaddr_un& address) {
  const int probe = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return errno;
  const int error = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
  close(probe);
  return error;
}

}  // namespace

uint64_t take_back_hugepages(const std::string& folder) {
  // EAL locks the folder from making a file until the file itself is locked. Where the folder is locked, a process is
  // about to make files, and EAL will look for dead ones again.
  const int lock = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock < 0) return 0;
  uint64_t bytes = 0;
  std::error_code error;
  if (flock(lock, LOCK_EX | LOCK_NB) == 0)
    for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
      if (is_page_file(at->path().filename())) bytes += take_back(at->path());
  close(lock);
  return bytes;
}

Result<bool> is_dead_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  struct stat status {};
  if (path.size() >= sizeof address.sun_path || lstat(path.c_str(), &status) != 0) return false;
  if (!S_ISSOCK(status.st_mode)) return fail(escape(path), "it is there and is no socket", "name another path");
  std::memcpy(address.sun_path, path.data(), path.size());
  const int error = try_socket(address);
  if (error == ECONNREFUSED) return true;
  // A listener of another kind of socket, or one whose queue is full, is a listener all the same.
  if (error == 0 || error == EAGAIN || error == EPROTOTYPE)
    return fail(escape(path), "another process listens on this socket", "stop that process, or name another path");
  return fail(escape(path), fmt::format("the socket there cannot be tried: {}", std::strerror(error)),
              "make it accessible, or name another path");
}

}  // namespace pfs
