#include "dpdk/unmap_guard.hpp"

#include <gtest/gtest.h>
#include <rte_eal.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <thread>

#include "dpdk/interrupt_thread.hpp"

namespace pfs {
namespace {

constexpr size_t kPage = 4096;

bool is_mapped(void* page) { return msync(page, kPage, MS_ASYNC) == 0 || errno != ENOMEM; }

TEST(UnmapGuard, TheInterruptThreadUnmapsOnceNoStageIsInsideAPort) {
  std::array arguments = {"unmap_guard", "--no-huge", "--no-pci", "-m", "16", "--lcores", "0", "--no-shconf"};
  ASSERT_GE(rte_eal_init(arguments.size(), const_cast<char**>(arguments.data())), 0);
  const auto gate = std::make_shared<PortGate>(1);
  guard_unmaps(gate);
  void* const page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(page, MAP_FAILED);

  ASSERT_TRUE(gate->enter(0));
  std::atomic<bool> unmapped{false};
  std::thread peer_leaves([&] {
    on_interrupt_thread([&] { munmap(page, kPage); });
    unmapped = true;
  });
  while (!gate->closed() && !unmapped) std::this_thread::yield();
  for (int turn = 0; turn < 10'000 && !unmapped; ++turn)
    std::this_thread::yield();  // who does not wait is done by then
  EXPECT_FALSE(unmapped);
  EXPECT_TRUE(gate->closed());
  EXPECT_TRUE(is_mapped(page));
  gate->leave(0);
  peer_leaves.join();
  EXPECT_FALSE(is_mapped(page));
  EXPECT_TRUE(gate->enter(0));
  gate->leave(0);

  // Other threads unmap at once, whoever is inside.
  ASSERT_TRUE(gate->enter(0));
  void* const other = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  EXPECT_EQ(munmap(other, kPage), 0);
  EXPECT_FALSE(is_mapped(other));
  gate->leave(0);
  rte_eal_cleanup();
}

}  // namespace
}  // namespace pfs
