#include "dpdk/run_folder.hpp"

#include <fcntl.h>
#include <rte_eal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace pfs {
namespace {

namespace fs = std::filesystem;

/// EAL's primary process holds a lock on `config` for as long as the process lives, and other primaries stay away.
bool held_by_another(int config) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return fcntl(config, F_SETLK, &lock) != 0;
}

void remove_run_folder() {
  const fs::path folder = rte_eal_get_runtime_dir();
  if (folder.empty()) return;
  const fs::path config = folder / "config";
  if (const int file = open(config.c_str(), O_RDWR | O_CLOEXEC); file >= 0 && !held_by_another(file)) {
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      const std::string name = at->path().filename();
      const bool left_by_eal = name == "hugepage_info" || name.starts_with("fbarray_") || name.starts_with("mp_socket");
      std::error_code kept;
      if (left_by_eal) fs::remove(at->path(), kept);
    }
    fs::remove(config, error);  // last: until then others find the lock
  }
  rmdir(folder.c_str());  // refuses where another process still has files
}

}  // namespace

// The sockets of telemetry go by a handler that EAL registers later, which therefore runs earlier.
void remove_run_folder_at_exit() { std::atexit(remove_run_folder); }

}  // namespace pfs
