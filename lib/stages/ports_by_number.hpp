#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dpdk/port.hpp"

namespace pfs {

/// The ports of a process by DPDK's number, which mbufs carry. The ports stay where they are.
class PortsByNumber {
 public:
  explicit PortsByNumber(std::span<const Port> ports) {
    for (const Port& port : ports) {
      if (ports_.size() <= port.id) ports_.resize(port.id + size_t{1});
      ports_[port.id] = &port;
    }
  }
  /// Null if there is no such port.
  [[nodiscard]] const Port* find(uint16_t number) const noexcept {
    return number < ports_.size() ? ports_[number] : nullptr;
  }

 private:
  std::vector<const Port*> ports_;
};

}  // namespace pfs
