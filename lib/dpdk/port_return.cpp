#include <fmt/format.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <cerrno>

#include "dpdk/port.hpp"

// A virtual device whose kernel interface went away, attached anew to the interface that has the name now.
namespace pfs {
namespace {

constexpr const char* kBus = "vdev";

Error not_back(const Port& port, const char* what, int error) {
  return {.where = fmt::format("port '{}' ({})", port.name, port.device),
          .what = fmt::format("{} failed: {}", what, rte_strerror(-error)),
          .hint = "",
          .exit = Exit::kFailed};
}

void detach(Port& port) {
  uint16_t id = 0;
  if (rte_eth_dev_get_port_by_name(port.device.c_str(), &id) == 0) {
    if (port.started) rte_eth_dev_stop(id);
    rte_eth_dev_close(id);
  }
  port.started = false;
  rte_eal_hotplug_remove(kBus, port.device.c_str());
}

}  // namespace

Result<void> attach_again(Port& port) {
  detach(port);
  if (const int error = rte_eal_hotplug_add(kBus, port.device.c_str(), port.arguments.c_str()); error != 0)
    return tl::unexpected(not_back(port, "attaching the device again", error));
  // Stages know the port by its number, address and MTU and read them while they work, so that these stay.
  Port again = port;
  if (rte_eth_dev_get_port_by_name(port.device.c_str(), &again.id) != 0 || again.id != port.id)
    return tl::unexpected(not_back(port, "keeping its port number", -EBUSY));
  if (auto started = start_device(again); !started) return started;
  port.started = true;
  if (again.mtu < port.mtu)
    return fail(fmt::format("port '{}' ({})", port.name, port.device),
                fmt::format("the MTU is {} now, and was {}", again.mtu, port.mtu), "", Exit::kFailed);
  rte_ether_addr mac{};
  std::copy(port.mac.begin(), port.mac.end(), std::begin(mac.addr_bytes));
  rte_eth_dev_default_mac_addr_set(port.id, &mac);  // where the device refuses, promiscuous mode takes the frames
  return {};
}

}  // namespace pfs
