#include "dpdk/port.hpp"

#include <fmt/format.h>
#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>

#include "base/numbers.hpp"
#include "dpdk/eal_cause.hpp"
#include "dpdk/eal_log.hpp"
#include "dpdk/interrupt_thread.hpp"
#include "dpdk/offloads.hpp"
#include "dpdk/unmap_guard.hpp"
#include "machine/inspect.hpp"

namespace pfs {
namespace {

constexpr uint32_t kPoolSpare = 64;  // bytes; rte_mempool rounds each element up to a cache line

/// Room for the longest received frame and for the longest built one, each behind the longest headers.
uint16_t data_room(const DriverConfig& driver, uint32_t reply_bytes) {
  constexpr uint32_t kHeaders = sizeof EncapsulationBuffer::bytes;
  constexpr uint32_t kStep = 256;  // bytes; a NIC uses whole multiples of 128 bytes or more of a buffer
  return static_cast<uint16_t>(RTE_ALIGN_CEIL(std::max(reply_bytes, driver.mtu) + kHeaders, kStep) +
                               RTE_PKTMBUF_HEADROOM);
}

std::string device_list() {
  std::string names;
  uint16_t id = 0;
  RTE_ETH_FOREACH_DEV(id) {
    char name[RTE_ETH_NAME_MAX_LEN] = "";
    rte_eth_dev_get_name_by_port(id, name);
    names += fmt::format("{}{} {}", names.empty() ? "" : ", ", id, name);
  }
  return names.empty() ? "none; add --vdev NAME, or bind a NIC to vfio-pci and allow it with -a" : names;
}

Result<uint16_t> resolve(const PortConfig& config) {
  const Result<uint64_t> number = parse_whole(config.device);
  uint16_t id = number && *number <= UINT16_MAX ? static_cast<uint16_t>(*number) : RTE_MAX_ETHPORTS;
  if (number ? rte_eth_dev_is_valid_port(id) != 0 : rte_eth_dev_get_port_by_name(config.device.c_str(), &id) == 0)
    return id;
  if (const Finding bus = inspect_device(Tree(), config.device); bus.grade != Finding::Grade::kGood)
    return fail(config.where, fmt::format("port '{}' asks for device '{}': {}", config.name, config.device, bus.what),
                bus.command);
  return fail(config.where,
              fmt::format("port '{}' asks for device '{}', which EAL does not have", config.name, config.device),
              "devices here: " + device_list());
}

/// A device refused `what`. Its driver's log tells why, and so does errno where the driver says no more than that its
/// arguments are invalid; the error code alone seldom does.
Error rejected(const Port& port, const char* what, int error) {
  const int kernel = errno;
  const std::optional<Cause> cause = find_cause(take_eal_lines());
  const std::string code = rte_strerror(error == -EINVAL && kernel != 0 ? kernel : std::abs(error));
  return {.where = fmt::format("port '{}' ({}, {})", port.name, port.device, port.pmd),
          .what = cause ? fmt::format("{} failed: {} ({})", what, cause->what, code)
                        : fmt::format("{} failed: {}", what, code),
          .hint = cause && !cause->remedy.empty() ? cause->remedy : "see " + port.driver.path,
          .exit = Exit::kFailed};
}

/// A pool whose mbufs lie side by side. rte_pktmbuf_pool_create() keeps each mbuf within one page of physical memory
/// and so leaves gaps at the ends of pages; net_af_xdp registers `populated_size` mbufs' worth of bytes from the pool's
/// beginning, and the kernel drops what lies beyond as an invalid descriptor, uncounted by the PMD. Null with rte_errno
/// set where the pool cannot be made.
rte_mempool* make_whole_pool(const char* name, const DriverConfig& driver, uint16_t data_room, int socket) {
  rte_pktmbuf_pool_private room{};
  room.mbuf_data_room_size = data_room;
  rte_mempool* pool =
      rte_mempool_create_empty(name, driver.mbufs, sizeof(rte_mbuf) + room.mbuf_data_room_size, driver.mbcache,
                               sizeof(rte_pktmbuf_pool_private), socket, RTE_MEMPOOL_F_NO_IOVA_CONTIG);
  if (pool == nullptr) return nullptr;
  rte_pktmbuf_pool_init(pool, &room);
  if (const int populated = rte_mempool_populate_default(pool); populated < 0 || pool->nb_mem_chunks != 1) {
    rte_mempool_free(pool);
    rte_errno = populated < 0 ? -populated : ENOMEM;
    return nullptr;
  }
  rte_mempool_obj_iter(pool, rte_pktmbuf_init, nullptr);
  return pool;
}

Result<void> make_pool(Port& port, uint32_t reply_bytes) {
  const std::string name = fmt::format("pfs_port_{}", port.id);
  const uint16_t room = data_room(port.driver, reply_bytes);
  port.pool = port.driver.whole_pool
                  ? make_whole_pool(name.c_str(), port.driver, room, port.socket)
                  : rte_pktmbuf_pool_create(name.c_str(), port.driver.mbufs, port.driver.mbcache, 0, room, port.socket);
  if (port.pool == nullptr)
    return fail(fmt::format("port '{}'", port.name),
                fmt::format("no pool of {} mbufs of {} bytes: {}", port.driver.mbufs, room, rte_strerror(rte_errno)),
                fmt::format("lower `mbufs` in {}, or give EAL more memory (hugepages, or -m)", port.driver.path),
                Exit::kFailed);
  return {};
}

/// A device without an MTU of its own enforces none, so the MTU that was asked for is in force. A device that refuses
/// an MTU keeps the one it has.
void set_mtu(Port& port) {
  const int error = rte_eth_dev_set_mtu(port.id, static_cast<uint16_t>(port.driver.mtu));
  if (error == 0 || error == -ENOTSUP) {
    port.mtu = port.driver.mtu;
    return;
  }
  uint16_t mtu = 0;
  rte_eth_dev_get_mtu(port.id, &mtu);
  port.mtu = mtu;
  port.notes.push_back(fmt::format("MTU: asked {}, got {} ({})", port.driver.mtu, mtu, rte_strerror(-error)));
}

Result<void> configure(Port& port, const rte_eth_dev_info& info) {
  rte_eth_conf conf{};
  conf.rxmode.offloads = grant_offloads(port.driver.rx_offloads, info.rx_offload_capa, true, port.notes);
  conf.txmode.offloads = grant_offloads(port.driver.tx_offloads, info.tx_offload_capa, false, port.notes);
  port.tx_offloads = conf.txmode.offloads;
  const uint16_t rx = std::max<uint16_t>(port.rx_queues, 1);  // many devices refuse to have no queue in one direction
  const uint16_t tx = std::max<uint16_t>(port.tx_queues, 1);
  if (const int error = rte_eth_dev_configure(port.id, rx, tx, &conf); error != 0)
    return tl::unexpected(rejected(port, "configuring", error));
  set_mtu(port);
  uint16_t rxd = port.driver.rxd;
  uint16_t txd = port.driver.txd;
  rte_eth_dev_adjust_nb_rx_tx_desc(port.id, &rxd, &txd);
  if (rxd != port.driver.rxd || txd != port.driver.txd)
    port.notes.push_back(
        fmt::format("descriptors: asked {}/{}, got {}/{}", port.driver.rxd, port.driver.txd, rxd, txd));
  errno = 0;
  for (uint16_t queue = 0; queue < rx; ++queue)
    if (const int error =
            rte_eth_rx_queue_setup(port.id, queue, rxd, static_cast<unsigned>(port.socket), nullptr, port.pool);
        error != 0)
      return tl::unexpected(rejected(port, "setting an RX queue up", error));
  for (uint16_t queue = 0; queue < tx; ++queue)
    if (const int error = rte_eth_tx_queue_setup(port.id, queue, txd, static_cast<unsigned>(port.socket), nullptr);
        error != 0)
      return tl::unexpected(rejected(port, "setting a TX queue up", error));
  return {};
}

/// A device that nobody can attach anew cannot be waited for, nor one whose link stages look at by themselves.
Result<void> check_waiting(const Port& port) {
  if (port.config.link == PortConfig::Link::kEnd || (port.driver.attaches_again && !port.driver.link_status)) return {};
  return fail(port.where,
              fmt::format("'link' of port '{}' is wait, and a device of {} does not come back ({})", port.name,
                          port.pmd, port.driver.path),
              "write link: end, or use a net_af_packet device");
}

}  // namespace

Result<Port> find_port(const PortConfig& config, const std::string& driver_folder) {
  const Result<uint16_t> id = resolve(config);
  if (!id) return tl::unexpected(id.error());
  rte_eth_dev_info info{};
  if (const int error = rte_eth_dev_info_get(*id, &info); error != 0)
    return fail(config.where, fmt::format("device '{}' gives no information: {}", config.device, rte_strerror(-error)));
  Port port{.name = config.name, .where = config.where, .id = *id, .pmd = info.driver_name, .config = config};
  char name[RTE_ETH_NAME_MAX_LEN] = "";
  rte_eth_dev_get_name_by_port(*id, name);
  port.device = name;
  port.socket = std::max(rte_eth_dev_socket_id(*id), 0);
  Result<DriverConfig> driver = load_driver(driver_folder, port.pmd, config.driver);
  if (!driver) return tl::unexpected(driver.error());
  port.driver = std::move(*driver);
  port.mtu = port.driver.mtu;
  port.peer = config.peer.value_or(kBroadcast);
  if (const rte_devargs* const given = rte_dev_devargs(info.device); given != nullptr && given->args != nullptr)
    port.arguments = given->args;
  if (auto good = check_waiting(port); !good) return tl::unexpected(good.error());
  return port;
}

Result<void> check_queues(const Port& port) {
  rte_eth_dev_info info{};
  if (const int error = rte_eth_dev_info_get(port.id, &info); error != 0)
    return tl::unexpected(rejected(port, "asking for its limits", error));
  const auto rx = std::min(info.max_rx_queues, port.driver.rxq);
  const auto tx = std::min(info.max_tx_queues, port.driver.txq);
  if (port.rx_queues <= rx && port.tx_queues <= tx) return {};
  return fail(port.where,
              fmt::format("port '{}' needs {} RX and {} TX queues; {} has {} and {}, and {} allows {} and {}",
                          port.name, port.rx_queues, port.tx_queues, port.pmd, info.max_rx_queues, info.max_tx_queues,
                          port.driver.path, port.driver.rxq, port.driver.txq),
              "use fewer rx or tx stages, give the device more queues in its EAL arguments, or raise rxq and txq");
}

uint64_t pool_bytes(const DriverConfig& driver, uint32_t reply_bytes) noexcept {
  return uint64_t{driver.mbufs} * (sizeof(rte_mbuf) + data_room(driver, reply_bytes) + kPoolSpare);
}

Result<void> start_port(Port& port, uint32_t reply_bytes) {
  take_eal_lines();  // what is logged from here on belongs to this port
  if (auto made = make_pool(port, reply_bytes); !made) return made;
  if (port.config.link == PortConfig::Link::kWait || port.driver.frees_on_interrupt_thread)
    port.gate = std::make_shared<PortGate>(size_t{port.rx_queues} + port.tx_queues);
  if (port.driver.frees_on_interrupt_thread) guard_unmaps(port.gate);
  if (auto started = start_device(port); !started) return started;
  rte_ether_addr mac{};
  rte_eth_macaddr_get(port.id, &mac);
  std::copy(std::begin(mac.addr_bytes), std::end(mac.addr_bytes), port.mac.begin());
  return {};
}

Result<void> start_device(Port& port) {
  rte_eth_dev_info info{};
  if (const int error = rte_eth_dev_info_get(port.id, &info); error != 0)
    return tl::unexpected(rejected(port, "asking for its limits", error));
  if (auto done = configure(port, info); !done) return done;
  const int error = rte_eth_dev_start(port.id);
  port.started = error == 0;
  // A device that tries its peer only as it starts may fail for want of the peer; wait_for_link() starts it again.
  if (!port.started && !port.driver.link_by_restart) return tl::unexpected(rejected(port, "starting", error));
  if (port.started) {
    const std::vector<std::string> notes = warnings(take_eal_lines());
    port.notes.insert(port.notes.end(), notes.begin(), notes.end());
  }
  if (port.config.promiscuous && rte_eth_promiscuous_enable(port.id) != 0)
    port.notes.emplace_back("promiscuous mode: asked, not supported");
  return {};
}

void stop_port(Port& port) noexcept {
  if (rte_eth_dev_is_valid_port(port.id) == 0) return;  // its interface has gone, and the run ended while waiting
  const auto stop = [&] {
    if (port.started) rte_eth_dev_stop(port.id);
    port.started = false;
    rte_eth_dev_close(port.id);
  };
  if (port.driver.frees_on_interrupt_thread)
    on_interrupt_thread(stop);
  else
    stop();
}

PortStats read_stats(const Port& port) noexcept {
  rte_eth_stats s{};
  rte_eth_stats_get(port.id, &s);
  return {.rx_packets = s.ipackets,
          .rx_missed = s.imissed,
          .rx_bytes = s.ibytes,
          .rx_errors = s.ierrors,
          .rx_nombuf = s.rx_nombuf,
          .tx_packets = s.opackets,
          .tx_errors = s.oerrors,
          .tx_bytes = s.obytes};
}

std::vector<std::pair<std::string, uint64_t>> read_xstats(const Port& port) {
  const int count = rte_eth_xstats_get_names(port.id, nullptr, 0);
  if (count <= 0) return {};
  std::vector<rte_eth_xstat_name> names(static_cast<size_t>(count));
  std::vector<rte_eth_xstat> values(static_cast<size_t>(count));
  rte_eth_xstats_get_names(port.id, names.data(), static_cast<unsigned>(count));
  const int got = rte_eth_xstats_get(port.id, values.data(), static_cast<unsigned>(count));
  std::vector<std::pair<std::string, uint64_t>> all;
  for (int i = 0; i < std::min(got, count); ++i)
    if (values[static_cast<size_t>(i)].id < names.size())
      all.emplace_back(names[values[static_cast<size_t>(i)].id].name, values[static_cast<size_t>(i)].value);
  return all;
}

}  // namespace pfs
