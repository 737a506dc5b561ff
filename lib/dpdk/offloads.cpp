#include "dpdk/offloads.hpp"

#include <fmt/format.h>
#include <rte_ethdev.h>

namespace pfs {

uint64_t grant_offloads(const std::vector<std::string>& asked, uint64_t capable, bool receive,
                        std::vector<std::string>& notes) {
  uint64_t granted = 0;
  for (const std::string& name : asked) {
    uint64_t bit = 0;
    for (uint64_t candidate = 1; candidate != 0 && bit == 0; candidate <<= 1)
      if (name == (receive ? rte_eth_dev_rx_offload_name(candidate) : rte_eth_dev_tx_offload_name(candidate)))
        bit = candidate;
    granted |= bit & capable;
    if ((bit & capable) == 0)
      notes.push_back(
          fmt::format("{} offload {}: asked, {}", receive ? "RX" : "TX", name, bit == 0 ? "unknown" : "not there"));
  }
  return granted;
}

}  // namespace pfs
