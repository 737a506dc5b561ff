#include "dpdk/port_meter.hpp"

namespace pfs {
namespace {

PortStats sum(const PortStats& a, const PortStats& b) noexcept {
  return {.rx_packets = a.rx_packets + b.rx_packets,
          .rx_missed = a.rx_missed + b.rx_missed,
          .rx_bytes = a.rx_bytes + b.rx_bytes,
          .rx_errors = a.rx_errors + b.rx_errors,
          .rx_nombuf = a.rx_nombuf + b.rx_nombuf,
          .tx_packets = a.tx_packets + b.tx_packets,
          .tx_errors = a.tx_errors + b.tx_errors,
          .tx_bytes = a.tx_bytes + b.tx_bytes};
}

}  // namespace

const PortStats& PortMeter::look(const Port& port) noexcept {
  const PortStats now = read_stats(port);
  if (now.rx_packets < last_.rx_packets || now.tx_packets < last_.tx_packets) before_ = sum(before_, last_);
  last_ = now;
  sum_ = sum(before_, now);
  return sum_;
}

}  // namespace pfs
