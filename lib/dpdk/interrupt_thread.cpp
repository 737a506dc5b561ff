#define ALLOW_EXPERIMENTAL_API  // for rte_intr_instance_alloc and its setters; DPDK 22.11 has no other way to make a
                                // source

#include "dpdk/interrupt_thread.hpp"

#include <rte_alarm.h>
#include <rte_interrupts.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <semaphore>

namespace pfs {
namespace {

struct Task {
  const std::function<void()>& work;
  std::binary_semaphore done{0};
};

void run(void* argument) {
  auto& task = *static_cast<Task*>(argument);
  task.work();
  task.done.release();
}

}  // namespace

void on_interrupt_thread(const std::function<void()>& work) {
  Task task{.work = work};
  if (rte_eal_alarm_set(1, run, &task) != 0) return work();
  task.done.acquire();
}

void park_interrupt_thread() {
  static std::binary_semaphore parked{0};
  const auto park = [](void*) {
    parked.release();
    for (;;) pause();
  };
  // An interrupt source of our own that is ready at once, and no alarm: rte_eal_cleanup waits for an alarm's end.
  rte_intr_handle* const source = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
  const int ready = eventfd(1, EFD_CLOEXEC);
  if (source != nullptr && ready >= 0 && rte_intr_fd_set(source, ready) == 0 &&
      rte_intr_type_set(source, RTE_INTR_HANDLE_EXT) == 0 && rte_intr_callback_register(source, park, nullptr) == 0)
    parked.acquire();
  rte_intr_instance_free(source);  // EAL keeps a copy of the source
}

}  // namespace pfs
