#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/node.hpp"

namespace pfs {

/// How a driver's ports are set up: one file a driver in drivers-config/, found by the PMD's name.
struct DriverConfig {
  std::string path;               ///< the file it came from
  std::vector<std::string> pmds;  ///< names that rte_eth_dev_info.driver_name reports (net_memif, net_ixgbe_vf ...)
  uint16_t rxq = 1;               ///< most RX queues to use; the pipeline's rx stages decide how many
  uint16_t txq = 1;
  uint16_t rxd = 1024;  ///< descriptors a queue
  uint16_t txd = 1024;
  uint16_t burst = 32;                   ///< mbufs a call
  uint32_t mtu = 1500;                   ///< bytes of Ethernet payload asked for
  uint32_t mbufs = 16384;                ///< in the port's pool
  uint32_t mbcache = 256;                ///< mbufs each lcore keeps of it
  std::vector<std::string> rx_offloads;  ///< as rte_eth_dev_rx_offload_name prints them; granted if the device has them
  std::vector<std::string> tx_offloads;
  bool link_status = true;       ///< false: the PMD reports no useful link; do not wait for it
  bool whole_pool = false;       ///< the PMD takes the mbuf pool for one array of mbufs without gaps
  bool link_by_restart = false;  ///< the PMD tries its peer only as it starts: start it again while waiting
};

/// Loads the profile for `pmd` from `folder`, the one whose `pmds` has it, and applies `overrides` (may be null), a map
/// of the same keys without `pmds`. No profile is an error that names the folder and the file to add.
Result<DriverConfig> load_driver(const std::string& folder, const std::string& pmd, const Node* overrides);

/// Checks a map of overrides on its own: keys, types and ranges. So a pipeline file is refused before any device
/// starts.
Result<void> check_driver_overrides(const Node* overrides, const std::string& what);

}  // namespace pfs
