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
  uint16_t burst_min = 1;                ///< fewest mbufs a call that its vector functions do not take for none
  uint32_t mtu = 1500;                   ///< bytes of Ethernet payload asked for
  uint32_t mbufs = 16384;                ///< in the port's pool
  uint32_t mbcache = 256;                ///< mbufs each lcore keeps of it
  std::vector<std::string> rx_offloads;  ///< as rte_eth_dev_rx_offload_name prints them; granted if the device has them
  std::vector<std::string> tx_offloads;
  bool link_status = true;       ///< false: the PMD reports no useful link; do not wait for it
  bool counts_per_link = false;  ///< the device's counters begin anew when a link ends
  bool whole_pool = false;       ///< the PMD takes the mbuf pool for one array of mbufs without gaps
  bool hands_over = false;       ///< the receiver of a frame gets the very mbuf that was sent
  bool link_by_restart = false;  ///< the PMD tries its peer only as it starts: start it again while waiting

  // What the driver is; no port overrides these.
  std::string link_remedy;                 ///< what to do where no link comes; empty: the peer or the cable
  bool frees_on_interrupt_thread = false;  ///< the PMD frees memory there as a peer leaves: between bursts only
  bool attaches_again = false;             ///< a device may be closed and made anew while a run goes on (`link: wait`)
  std::vector<std::string> fixed_arguments;    ///< of --vdev, as `key=value`: no other value is safe
  std::vector<std::string> default_arguments;  ///< of --vdev, as `key=value`, where nothing else is said
  std::string listens_at;                      ///< the argument of --vdev that names the UNIX socket it listens on ...
  std::vector<std::string> listens_if;         ///< ... where all of these are given, as `key=value`
  std::string reads_captures;                  ///< the argument of --vdev that names a capture the driver reads

  /// Whether this is the profile of a driver of this name.
  [[nodiscard]] bool serves(const std::string& pmd) const;
};

/// Loads the profile for `pmd` from `folder`, the one whose `pmds` has it, and applies `overrides` (may be null), a map
/// of the same keys without `pmds`. No profile is an error that names the folder and the file to add.
Result<DriverConfig> load_driver(const std::string& folder, const std::string& pmd, const Node* overrides);

/// All profiles of a folder, in order of their files' names. Two that serve one driver are an error.
Result<std::vector<DriverConfig>> load_drivers(const std::string& folder);

/// The profile of the driver that EAL takes for a device of --vdev by the device's name (`net_memif0`): the longest
/// name of a driver that the device's name begins with. nullptr if there is none.
const DriverConfig* find_driver(const std::vector<DriverConfig>& profiles, const std::string& device);

/// The profile with a port's overrides (may be null), a map of the same keys without `pmds`.
Result<DriverConfig> override_driver(DriverConfig profile, const Node* overrides);

/// Checks a map of overrides on its own: keys, types and ranges. So a pipeline file is refused before any device
/// starts.
Result<void> check_driver_overrides(const Node* overrides, const std::string& what);

}  // namespace pfs
