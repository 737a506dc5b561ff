#define ALLOW_EXPERIMENTAL_API  // for rte_thread_is_intr

#include "dpdk/unmap_guard.hpp"

#include <rte_interrupts.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace pfs {
namespace {

struct Guarded {
  std::mutex lock;
  std::vector<std::shared_ptr<PortGate>> gates;
};

/// Never destroyed, since the interrupt thread may unmap until the process ends.
Guarded& guarded() {
  static auto* const instance = new Guarded;
  return *instance;
}

int unmap(void* address, size_t bytes) noexcept { return static_cast<int>(syscall(SYS_munmap, address, bytes)); }

}  // namespace

void guard_unmaps(std::shared_ptr<PortGate> gate) {
  const std::lock_guard lock(guarded().lock);
  guarded().gates.push_back(std::move(gate));
}

}  // namespace pfs

extern "C" int munmap(void* address, size_t bytes) noexcept {
  if (rte_thread_is_intr() == 0) return pfs::unmap(address, bytes);
  auto& [mutex, gates] = pfs::guarded();
  const std::lock_guard lock(mutex);
  for (const auto& gate : gates) gate->close();
  // A stage is inside for one burst; the scheduler may keep a stage's lcore waiting meanwhile.
  for (const auto& gate : gates)
    while (!gate->empty()) std::this_thread::yield();
  const int result = pfs::unmap(address, bytes);
  for (const auto& gate : gates) gate->open();
  return result;
}
