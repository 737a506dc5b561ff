#pragma once

#include <cstdint>
#include <string>

#include "dpdk/port.hpp"

namespace pfs {

/// Looks whether a started port's device is still there: the kernel's interface below it (AF_PACKET, AF_XDP, TAP and
/// drivers that share a NIC with the kernel), or the device itself where its driver can tell of a removal. Other
/// devices count as there. A link that is down is not a device that is gone.
class PortPresence {
 public:
  explicit PortPresence(const Port& port);

  /// What has gone, in words; empty while the device is there. Takes one or two system calls.
  [[nodiscard]] std::string missing() const;

  /// Whether there is an interface of the name that the one below the device had, and it is up.
  [[nodiscard]] bool has_namesake() const;
  [[nodiscard]] const std::string& interface_name() const noexcept { return name_; }

 private:
  uint16_t id_;
  uint32_t interface_;  // the kernel's index of the interface below; 0: there is none
  std::string name_;    // the interface's, as it was when the run began
};

}  // namespace pfs
