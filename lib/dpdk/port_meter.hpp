#pragma once

#include "dpdk/port.hpp"

namespace pfs {

/// A port's counters that never go back, although some devices (memif) begin anew when their peer leaves. Frames that a
/// device counted between the last look and that moment are lost, so whoever owns the meter looks often. One thread at
/// a time uses a meter.
class PortMeter {
 public:
  const PortStats& look(const Port& port) noexcept;

 private:
  PortStats before_;  // the sum over connections that have ended
  PortStats last_;    // the device's counters at the last look
  PortStats sum_;
};

}  // namespace pfs
