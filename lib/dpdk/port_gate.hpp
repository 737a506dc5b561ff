#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

namespace pfs {

/// Keeps stages away from a port's device while another thread takes the device away and brings it back. Each stage
/// that calls the device is a user with a number of its own. A stage that stands before a closed gate goes on with
/// other work, so that no thread ever waits for another one.
class PortGate {
 public:
  explicit PortGate(size_t users) : inside_(users) {}

  /// False while the gate is closed; otherwise the user calls leave() when its call of the device has returned.
  [[nodiscard]] bool enter(size_t user) noexcept {
    if (closed()) return false;  // or users who knock in vain would keep a closed gate from being seen empty
    // The next two accesses are sequentially consistent, as those in close() and empty() are: either the user sees that
    // the gate is closed, or the closing thread sees the user inside.
    inside_[user].flag.store(true);
    if (!closed_.load()) return true;
    leave(user);
    return false;
  }
  void leave(size_t user) noexcept { inside_[user].flag.store(false, std::memory_order_release); }

  void close() noexcept { closed_.store(true); }
  void open() noexcept { closed_.store(false); }
  [[nodiscard]] bool closed() const noexcept { return closed_.load(std::memory_order_relaxed); }

  /// Once the gate is closed and empty, no user calls the device until the gate is opened.
  [[nodiscard]] bool empty() const noexcept {
    for (const Inside& user : inside_)
      if (user.flag.load()) return false;
    return true;
  }

 private:
  static constexpr size_t kCacheLine = 64;  // bytes; a user writes its flag twice a burst
  struct alignas(kCacheLine) Inside {
    std::atomic<bool> flag{false};
  };
  std::vector<Inside> inside_;
  std::atomic<bool> closed_{false};
};

/// One call of a port's device, or several in a row. Without a gate (null) the device is always there.
class PortUse {
 public:
  PortUse(PortGate* gate, size_t user) noexcept
      : gate_(gate), user_(user), granted_(gate == nullptr || gate->enter(user)) {}
  ~PortUse() {
    if (gate_ != nullptr && granted_) gate_->leave(user_);
  }
  PortUse(const PortUse&) = delete;
  PortUse& operator=(const PortUse&) = delete;

  [[nodiscard]] bool granted() const noexcept { return granted_; }

 private:
  PortGate* gate_;
  size_t user_;
  bool granted_;
};

}  // namespace pfs
