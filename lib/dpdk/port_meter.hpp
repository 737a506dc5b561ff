#pragma once

#include "dpdk/port.hpp"

namespace pfs {

/// A port's counters that never go back: some devices (memif) begin anew when their peer leaves. What came between the
/// last look and that moment is not in them, so look often. One thread at a time.
class PortMeter {
 public:
  const PortStats& look(const Port& port) noexcept;

 private:
  PortStats before_;  // of connections that are over
  PortStats last_;    // as the device said
  PortStats sum_;
};

}  // namespace pfs
