#include "dpdk/port_gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace pfs {
namespace {

TEST(PortGate, WithoutAGateTheDeviceIsAlwaysThere) { EXPECT_TRUE(PortUse(nullptr, 0).granted()); }

TEST(PortGate, AClosedGateIsEmptyOnceTheCallsUnderWayHaveReturned) {
  PortGate gate(2);
  {
    const PortUse use(&gate, 1);
    EXPECT_TRUE(use.granted());
    gate.close();
    EXPECT_FALSE(gate.empty());
    EXPECT_FALSE(PortUse(&gate, 0).granted());
  }
  EXPECT_TRUE(gate.empty());
  gate.open();
  EXPECT_TRUE(PortUse(&gate, 0).granted());
}

TEST(PortGate, NobodyUsesTheDeviceWhileTheGateIsClosedAndEmpty) {
  constexpr int kClosings = 200;
  PortGate gate(2);
  bool there = true;  // the device; not atomic, so that the thread sanitizer sees a use at the wrong time
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> wrong{0};
  std::vector<std::thread> users;
  for (size_t user = 0; user < 2; ++user)
    users.emplace_back([&, user] {
      while (!stop) {
        const PortUse use(&gate, user);
        if (use.granted() && !there) ++wrong;
      }
    });
  for (int i = 0; i < kClosings; ++i) {
    gate.close();
    while (!gate.empty()) std::this_thread::yield();
    there = false;
    std::this_thread::yield();
    there = true;
    gate.open();
  }
  stop = true;
  for (std::thread& user : users) user.join();
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace pfs
