#include <fmt/format.h>
#include <rte_ethdev.h>
#include <unistd.h>

#include <optional>

#include "dpdk/eal_cause.hpp"
#include "dpdk/eal_log.hpp"
#include "dpdk/interrupt_thread.hpp"
#include "dpdk/port.hpp"

// Waiting for a port's link.
namespace pfs {
namespace {

constexpr useconds_t kLinkLookUs = 5000;  // between looks at the link: not every driver raises an event
constexpr uint64_t kLooksToRestart = 40;  // 200 ms: longer than a memif handshake takes

/// The error of a port without a link. `attempt` has the lines that the driver logged in its last whole attempt to
/// reach the peer; the lines of the attempt that was under way as the time was up are added here.
Result<void> no_link(const Port& port, std::vector<LogLine> attempt) {
  const std::vector<LogLine> rest = take_eal_lines();
  attempt.insert(attempt.end(), rest.begin(), rest.end());
  const std::optional<Cause> cause = find_cause(attempt);
  std::string remedy = port.driver.link_remedy.empty() ? "start the peer or check the cable" : port.driver.link_remedy;
  if (cause && !cause->remedy.empty()) remedy = cause->remedy;
  return fail(fmt::format("port '{}' ({})", port.name, port.device),
              fmt::format("no link after {} ms{}", port.config.link_wait_ms, cause ? ": " + cause->what : ""),
              fmt::format("{}; --set ports.{}.link_wait_ms=N waits longer", remedy, port.name), Exit::kFailed);
}

}  // namespace

Result<void> wait_for_link(Port& port, const std::atomic<bool>& stop) {
  if (!port.driver.link_status) return {};
  std::vector<LogLine> attempt;  // the lines of the driver's last whole attempt
  const uint64_t looks = port.config.link_wait_ms * 1000 / kLinkLookUs + 1;
  for (uint64_t look = 0; look < looks; ++look) {
    if (stop) return {};  // the caller looks at `stop` as well
    rte_eth_link link{};
    if (rte_eth_link_get_nowait(port.id, &link) != 0 || link.link_status == RTE_ETH_LINK_UP) return {};
    if (port.driver.link_by_restart && look % kLooksToRestart == kLooksToRestart - 1) {
      attempt = take_eal_lines();
      if (port.started) on_interrupt_thread([&] { rte_eth_dev_stop(port.id); });  // see stop_port
      port.started = rte_eth_dev_start(port.id) == 0;
    }
    usleep(kLinkLookUs);
  }
  return no_link(port, attempt);
}

}  // namespace pfs
