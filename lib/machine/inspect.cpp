#include "machine/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.hpp"
#include "machine/cpus.hpp"
#include "machine/devices.hpp"
#include "machine/limits.hpp"
#include "machine/memory.hpp"

namespace pfs {
namespace {

using Grade = Finding::Grade;
using Findings = std::vector<Finding>;

constexpr uint64_t kLockedEnough = 64 * kMiB;  // rings and buffers of an AF_XDP or VFIO port

void good(Findings& found, std::string subject, std::string what) {
  found.push_back({Grade::kGood, std::move(subject), std::move(what), ""});
}

void advise(Findings& found, std::string subject, std::string what, std::string command) {
  found.push_back({Grade::kAdvice, std::move(subject), std::move(what), std::move(command)});
}

void demand(Findings& found, std::string subject, std::string what, std::string command) {
  found.push_back({Grade::kChange, std::move(subject), std::move(what), std::move(command)});
}

void inspect_pages(const Tree& tree, bool wanted, Findings& found) {
  uint64_t total = 0;
  for (const PageSize& size : page_sizes(tree)) {
    total += size.total;
    if (size.total != 0)
      good(found, "hugepages", fmt::format("{} of {}, {} free", size.total, format_bytes(size.bytes), size.free));
    if (const auto limit = hugetlb_limit(tree, size.bytes); limit && limit->bytes < size.bytes * size.free)
      advise(found, "hugepages",
             fmt::format("the control group admits {} in pages of {}", format_bytes(limit->bytes),
                         format_bytes(size.bytes)),
             fmt::format("echo max > {}", limit->file));
  }
  if (total == 0)
    found.push_back({wanted ? Grade::kChange : Grade::kAdvice, "hugepages", "there are none",
                     fmt::format("echo 1024 > {}", page_count_file(2 * kMiB))});
}

void inspect_mounts(const Tree& tree, Findings& found) {
  const std::vector<HugeMount> mounts = huge_mounts(tree);
  for (const HugeMount& mount : mounts) {
    const std::string what = fmt::format("{} has pages of {}", mount.folder, format_bytes(mount.page_bytes));
    if (mount.limit_bytes == 0)
      good(found, "hugetlbfs", what);
    else
      advise(found, "hugetlbfs", fmt::format("{}, {} at most", what, format_bytes(mount.limit_bytes)),
             fmt::format("mount -o remount,size=100% {}", mount.folder));
  }
  if (mounts.empty())
    advise(found, "hugetlbfs", "it is not mounted, so every run needs --in-memory",
           "mount -t hugetlbfs none /dev/hugepages");
}

/// Where there are several nodes, each controller wants pages on its own.
void inspect_nodes(const Tree& tree, unsigned nodes, Findings& found) {
  good(found, "NUMA", nodes == 1 ? "one node" : fmt::format("{} nodes", nodes));
  if (nodes == 1) return;
  for (const PciNic& nic : pci_nics(tree)) {
    const std::string file = fmt::format("sys/devices/system/node/node{}/hugepages/hugepages-2048kB/", nic.node);
    if (tree.number(file + "free_hugepages").value_or(1) == 0)
      advise(found, "NUMA", fmt::format("node {} has no free hugepages, and {} is there", nic.node, nic.address),
             fmt::format("echo 1024 > /{}nr_hugepages", file));
  }
}

void inspect_limits(const Tree& tree, const Cpus& cpus, Findings& found) {
  const GroupCpus group = group_cpus(tree);
  if (cpus.allowed.size() < cpus.online.size())
    advise(found, "cpuset",
           fmt::format("this process may run on CPUs {} of {}", format_cpu_list(cpus.allowed),
                       format_cpu_list(cpus.online)),
           group.file.empty() ? fmt::format("taskset -c {} packetfs ...", format_cpu_list(cpus.online))
                              : fmt::format("widen the group of {}", group.file));
  else
    good(found, "cpuset", fmt::format("this process may run on every CPU ({})", format_cpu_list(cpus.online)));
  if (const auto limit = memory_limit(tree))
    advise(found, "memory",
           fmt::format("the control group admits {} (hugepages not counted)", format_bytes(limit->bytes)),
           fmt::format("echo max > {}", limit->file));
  const auto locked = process_limit(tree, "Max locked memory");
  if (locked && *locked < kLockedEnough)
    advise(found, "memlock",
           fmt::format("a process may lock {}; AF_XDP and VFIO want more, except as root", format_bytes(*locked)),
           "ulimit -l unlimited");
  else
    good(found, "memlock", locked ? format_bytes(*locked) : "unlimited");
}

void inspect_cpus(const Cpus& cpus, Findings& found) {
  if (cpus.online.size() > 1 && cpus.isolated.empty()) {
    const std::string most = format_cpu_list({cpus.online.begin() + 1, cpus.online.end()});
    advise(found, "isolation", "no CPU is kept free of other work, which costs frames at high rates",
           fmt::format("add isolcpus={0} nohz_full={0} rcu_nocbs={0} to the kernel's command line", most));
  } else if (!cpus.isolated.empty()) {
    const std::string list = format_cpu_list(cpus.isolated);
    if (cpus.nohz.empty())
      advise(found, "isolation", fmt::format("CPUs {} are isolated, and the timer still ticks on them", list),
             fmt::format("add nohz_full={} to the kernel's command line", list));
    else
      good(found, "isolation",
           fmt::format("CPUs {} are isolated, without ticks: {}", list, format_cpu_list(cpus.nohz)));
  }
  if (cpus.slow.empty())
    good(found, "governor", "no CPU is slowed down");
  else
    advise(found, "governor", fmt::format("CPUs {} follow '{}'", format_cpu_list(cpus.slow), cpus.governor),
           fmt::format("cpupower -c {} frequency-set -g performance", format_cpu_list(cpus.slow)));
}

void inspect_nics(const Tree& tree, Findings& found) {
  const std::vector<PciNic> nics = pci_nics(tree);
  if (nics.empty()) return good(found, "NICs", "none on the PCI bus; --vdev devices need none");
  if (has_iommu(tree))
    good(found, "IOMMU", "in use");
  else
    advise(found, "IOMMU", "none in use: vfio-pci needs its mode without one, and a device may write anywhere",
           "add intel_iommu=on iommu=pt (or amd_iommu=on) to the kernel's command line; else echo 1 > "
           "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode");
  if (!tree.has("sys/bus/pci/drivers/vfio-pci"))
    advise(found, "vfio-pci", "the driver is not loaded", "modprobe vfio-pci");
  for (const PciNic& nic : nics) {
    const std::string what = fmt::format("{} on node {}, {}", nic.id, nic.node,
                                         nic.driver.empty() ? "without a driver" : "with " + nic.driver);
    if (for_user_space(nic.driver) || nic.driver == "mlx5_core")
      good(found, nic.address, what);
    else
      advise(found, nic.address,
             what + (nic.netdev.empty() ? "" : fmt::format(" as {}, which the kernel would lose", nic.netdev)),
             fmt::format("dpdk-devbind.py -b vfio-pci {}", nic.address));
  }
}

}  // namespace

std::string Finding::line() const {
  const char* const word = grade == Grade::kGood ? "good" : grade == Grade::kAdvice ? "advice" : "change";
  return fmt::format("{:<6}  {:<12}  {}{}", word, subject, what, command.empty() ? "" : ": " + command);
}

std::vector<Finding> inspect_machine(const Tree& tree, bool want_hugepages) {
  Findings found;
  if (!tree.has("proc/self/status")) demand(found, "/proc", "it is not mounted", "mount -t proc proc /proc");
  if (!tree.has("sys/devices/system/cpu")) demand(found, "/sys", "it is not mounted", "mount -t sysfs sysfs /sys");
  if (!found.empty()) return found;
  const Cpus cpus = read_cpus(tree);
  inspect_pages(tree, want_hugepages, found);
  inspect_mounts(tree, found);
  inspect_nodes(tree, cpus.nodes, found);
  inspect_limits(tree, cpus, found);
  inspect_cpus(cpus, found);
  inspect_nics(tree, found);
  return found;
}

Finding inspect_device(const Tree& tree, const std::string& device) {
  const bool address = std::count(device.begin(), device.end(), ':') == 2 && device.find('.') != std::string::npos;
  if (!address) return {Grade::kGood, device, "EAL makes it, or counts it", ""};
  const std::vector<PciNic> nics = pci_nics(tree);
  const auto nic = std::find_if(nics.begin(), nics.end(), [&](const PciNic& n) { return n.address == device; });
  if (nic == nics.end())
    return {Grade::kChange, device, "there is no network controller at this address", "dpdk-devbind.py -s lists them"};
  if (for_user_space(nic->driver) || nic->driver == "mlx5_core")
    return {Grade::kGood, device, "with " + nic->driver, ""};
  return {Grade::kChange, device, nic->driver.empty() ? "without a driver" : "with the kernel's driver " + nic->driver,
          fmt::format("dpdk-devbind.py -b vfio-pci {}", device)};
}

}  // namespace pfs
