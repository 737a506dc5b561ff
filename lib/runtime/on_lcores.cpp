#include "runtime/on_lcores.hpp"

#include <rte_launch.h>
#include <rte_lcore.h>

#include <atomic>

namespace pfs {
namespace {

struct SharedLoop {
  const std::function<void(size_t)>& body;
  size_t count;
  std::atomic<size_t> next{0};
  static int run(void* self) {
    auto& loop = *static_cast<SharedLoop*>(self);
    for (size_t i = loop.next++; i < loop.count; i = loop.next++) loop.body(i);
    return 0;
  }
};

}  // namespace

void on_all_lcores(size_t count, const std::function<void(size_t)>& body) {
  SharedLoop loop{.body = body, .count = count};
  rte_eal_mp_remote_launch(SharedLoop::run, &loop, CALL_MAIN);
  rte_eal_mp_wait_lcore();
}

}  // namespace pfs
