#include "dpdk/interrupt_thread.hpp"

#include <rte_alarm.h>

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

}  // namespace pfs
