#include "all_cpus.hpp"

#include <sched.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

namespace pfs::bench {
namespace {

// bench/run pins the whole process to one CPU. A thread that asks for every CPU is given those that it may have.
std::vector<int> allowed_cpus() {
  std::vector<int> cpus;
  std::jthread([&cpus] {
    cpu_set_t set;
    std::memset(&set, 0xFF, sizeof set);
    sched_setaffinity(0, sizeof set, &set);
    sched_getaffinity(0, sizeof set, &set);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
    }
  }).join();
  return cpus;
}

const std::vector<int>& cpus() {
  static const std::vector<int> all = allowed_cpus();
  return all;
}

}  // namespace

size_t cpu_count() { return cpus().size(); }

void on_all_cpus(size_t count, const std::function<void(size_t)>& body) {
  std::atomic<size_t> next{0};
  std::vector<std::jthread> threads;
  for (const int cpu : cpus()) {
    threads.emplace_back([&, cpu] {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(cpu, &set);
      sched_setaffinity(0, sizeof set, &set);
      for (size_t i = next++; i < count; i = next++) body(i);
    });
  }
}

}  // namespace pfs::bench
