#pragma once

#include <atomic>
#include <cstdint>

namespace pfs {

/// A counter with one writer (the lcore that owns it) and any number of readers. The writer's add takes no locked
/// instruction, only a plain load and store, and a reader sees some recent value, never a torn one.
class Counter {
 public:
  void add(uint64_t amount) noexcept { value_.store(get() + amount, std::memory_order_relaxed); }
  void set(uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

}  // namespace pfs
