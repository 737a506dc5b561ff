#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/driver.hpp"
#include "config/pipeline.hpp"
#include "dpdk/port_gate.hpp"
#include "wire/ethernet.hpp"

struct rte_mempool;

namespace pfs {

/// A DPDK port that the pipeline names: found, then configured and started once the graph is known to be good.
struct Port {
  std::string name;  ///< the port's name in the pipeline file
  std::string where;
  uint16_t id = 0;        ///< DPDK's port number
  std::string device;     ///< DPDK's device name
  std::string pmd;        ///< net_memif, net_ixgbe ...
  std::string arguments;  ///< that --vdev gave the device, after its name
  int socket = 0;         ///< NUMA node
  DriverConfig driver;
  PortConfig config;
  uint16_t rx_queues = 0;  ///< RX queues that stages poll
  uint16_t tx_queues = 0;  ///< TX queues that stages use
  rte_mempool* pool = nullptr;
  MacAddress mac{};
  MacAddress peer = kBroadcast;
  uint32_t mtu = 1500;       ///< bytes of Ethernet payload in force
  uint64_t tx_offloads = 0;  ///< granted, as DPDK's bits
  /// Bytes of payload that a frame built for this port may have, behind the headers that built frames have.
  [[nodiscard]] uint32_t payload_bytes() const noexcept {
    return payload_budget(mtu, ethernet_encapsulation(peer, mac));
  }
  std::vector<std::string> notes;  ///< what was asked for and not granted, a line each
  bool started = false;
  std::shared_ptr<PortGate> gate;  ///< where the device or its memory may vanish under traffic: RX queues are
                                   ///< the gate's first users, TX queues the others
};

/// Finds the device and its driver's profile, and changes nothing.
Result<Port> find_port(const PortConfig& config, const std::string& driver_folder);

/// Bytes of hugepage memory the port's pool needs. `reply_bytes`: the longest frame that stages build in an mbuf of the
/// pool whatever the MTU, without the headers in front.
uint64_t pool_bytes(const DriverConfig& driver, uint32_t reply_bytes) noexcept;

/// Checks that the device has, and its driver's profile allows, the queues that stages use.
Result<void> check_queues(const Port& port);

/// Makes the pool, negotiates offloads and MTU, sets queues up and starts the port. `reply_bytes` as in pool_bytes().
Result<void> start_port(Port& port, uint32_t reply_bytes);

/// What start_port() does without the pool, which the port has: offloads, MTU, queues, the start.
Result<void> start_device(Port& port);

/// Takes the device of a port under `link: wait` away and attaches it anew, with its arguments, its number and its
/// pool. The port's gate must be closed and empty. After an error the call may be repeated.
Result<void> attach_again(Port& port);

/// Waits up to config.link_wait_ms for the link, or until `stop`.
Result<void> wait_for_link(Port& port, const std::atomic<bool>& stop);

void stop_port(Port& port) noexcept;

/// The device's own counters, as statistics in testpmd's layout show them.
struct PortStats {
  uint64_t rx_packets = 0, rx_missed = 0, rx_bytes = 0, rx_errors = 0, rx_nombuf = 0;
  uint64_t tx_packets = 0, tx_errors = 0, tx_bytes = 0;
};
PortStats read_stats(const Port& port) noexcept;

/// The device's extended statistics by name, as --display-xstats and the report show them.
std::vector<std::pair<std::string, uint64_t>> read_xstats(const Port& port);

}  // namespace pfs
