// What is read from /proc and /sys, on trees as machines showed them.
#include <gtest/gtest.h>

#include "base/units.hpp"
#include "machine/cpus.hpp"
#include "machine/devices.hpp"
#include "machine/limits.hpp"
#include "machine/memory.hpp"
#include "recorded.hpp"

namespace pfs::test {
namespace {

TEST(MachineMemory, PagesOfEverySizeAreCountedWithoutThosePromised) {
  Recorded machine;
  machine.pages("1048576kB", 4, 4).pages("2048kB", 1024, 1000);
  machine.file("sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages", "100");
  const auto sizes = page_sizes(machine.tree());
  ASSERT_EQ(sizes.size(), 2u);
  EXPECT_EQ(sizes[0].bytes, 2 * kMiB);
  EXPECT_EQ(sizes[0].total, 1024u);
  EXPECT_EQ(sizes[0].free, 900u);
  EXPECT_EQ(sizes[1].bytes, kGiB);
}

TEST(MachineMemory, MountsTellTheirPageSizeAndLimit) {
  Recorded machine;
  machine.file("proc/meminfo", "MemTotal:  16 kB\nMemAvailable:  1024 kB\nHugepagesize:  2048 kB");
  machine.file("proc/mounts",
               "proc /proc proc rw 0 0\nnone /dev/hugepages hugetlbfs rw,relatime 0 0\n"
               "none /mnt/small hugetlbfs rw,relatime,pagesize=2M,size=8192K 0 0\n"
               "none /mnt/big hugetlbfs rw,pagesize=1024M,size=4G 0 0");
  const auto mounts = huge_mounts(machine.tree());
  ASSERT_EQ(mounts.size(), 3u);
  EXPECT_EQ(mounts[0].folder, "/dev/hugepages");
  EXPECT_EQ(mounts[0].page_bytes, 2 * kMiB);
  EXPECT_EQ(mounts[0].limit_bytes, 0u);
  EXPECT_EQ(mounts[1].limit_bytes, 8 * kMiB);
  EXPECT_EQ(mounts[2].page_bytes, kGiB);
  EXPECT_EQ(mounts[2].limit_bytes, 4 * kGiB);
  EXPECT_EQ(available_memory(machine.tree()), kMiB);
}

TEST(MachineMemory, AnEmptyTreeHasNothing) {
  const Recorded machine;
  EXPECT_TRUE(page_sizes(machine.tree()).empty());
  EXPECT_TRUE(huge_mounts(machine.tree()).empty());
  EXPECT_EQ(available_memory(machine.tree()), 0u);
  EXPECT_FALSE(memory_limit(machine.tree()));
  EXPECT_TRUE(group_cpus(machine.tree()).list.empty());
  EXPECT_TRUE(pci_nics(machine.tree()).empty());
}

TEST(MachineLimits, TheLowestBoundOfTheGroupsAboveCounts) {
  Recorded machine;
  machine.file("proc/self/cgroup", "0::/system.slice/packetfs.service")
      .file("sys/fs/cgroup/system.slice/memory.max", "1073741824")
      .file("sys/fs/cgroup/system.slice/packetfs.service/memory.max", "max")
      .file("sys/fs/cgroup/system.slice/packetfs.service/hugetlb.2MB.max", "67108864")
      .file("sys/fs/cgroup/system.slice/cpuset.cpus.effective", "0-3");
  const auto memory = memory_limit(machine.tree());
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->bytes, kGiB);
  EXPECT_EQ(memory->file, "/sys/fs/cgroup/system.slice/memory.max");
  const auto huge = hugetlb_limit(machine.tree(), 2 * kMiB);
  ASSERT_TRUE(huge);
  EXPECT_EQ(huge->bytes, 64 * kMiB);
  EXPECT_FALSE(hugetlb_limit(machine.tree(), kGiB));
  EXPECT_EQ(group_cpus(machine.tree()).list, "0-3");
}

TEST(MachineLimits, ControllersOfVersionOneHaveFoldersOfTheirOwn) {
  Recorded machine;
  machine.file("proc/self/cgroup", "4:memory:/a/b\n3:cpuset:/\n0::/")
      .file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712")
      .file("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "536870912")
      .file("sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712")
      .file("sys/fs/cgroup/cpuset/cpuset.effective_cpus", "0-1");
  const auto memory = memory_limit(machine.tree());
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->bytes, 512 * kMiB);
  EXPECT_EQ(memory->file, "/sys/fs/cgroup/memory/a/memory.limit_in_bytes");
  EXPECT_EQ(group_cpus(machine.tree()).file, "/sys/fs/cgroup/cpuset/cpuset.effective_cpus");
}

TEST(MachineLimits, ALimitOfTheProcessIsReadByItsName) {
  Recorded machine;
  machine.file("proc/self/limits",
               "Limit                     Soft Limit           Hard Limit           Units\n"
               "Max locked memory         8388608              8388608              bytes\n"
               "Max stack size            unlimited            unlimited            bytes");
  EXPECT_EQ(process_limit(machine.tree(), "Max locked memory"), 8 * kMiB);
  EXPECT_FALSE(process_limit(machine.tree(), "Max stack size"));
}

TEST(MachineCpus, ListsAreReadAndWrittenAsTheKernelDoes) {
  EXPECT_EQ(parse_cpu_list("8,0-3"), (std::vector<unsigned>{0, 1, 2, 3, 8}));
  EXPECT_TRUE(parse_cpu_list("").empty());
  EXPECT_TRUE(parse_cpu_list("x,-,3-").empty());
  EXPECT_EQ(format_cpu_list({0, 1, 2, 3, 8}), "0-3,8");
  EXPECT_EQ(format_cpu_list({}), "");
}

TEST(MachineCpus, IsolationGovernorsAndNodesAreRead) {
  Recorded machine;
  const std::string cpu = "sys/devices/system/cpu/";
  machine.file(cpu + "online", "0-3").file(cpu + "isolated", "2-3").file(cpu + "nohz_full", "(null)");
  machine.file(cpu + "cpu0/cpufreq/scaling_governor", "powersave")
      .file(cpu + "cpu2/cpufreq/scaling_governor", "performance");
  machine.file("sys/devices/system/node/online", "0-1").file("proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-1");
  const Cpus cpus = read_cpus(machine.tree());
  EXPECT_EQ(cpus.online.size(), 4u);
  EXPECT_EQ(cpus.isolated, (std::vector<unsigned>{2, 3}));
  EXPECT_TRUE(cpus.nohz.empty());
  EXPECT_EQ(cpus.slow, std::vector<unsigned>{0});
  EXPECT_EQ(cpus.governor, "powersave");
  EXPECT_EQ(cpus.allowed, (std::vector<unsigned>{0, 1}));
  EXPECT_EQ(cpus.nodes, 2u);
}

TEST(MachineDevices, NetworkControllersAreFoundWithTheirDrivers) {
  Recorded machine;
  const std::string pci = "sys/bus/pci/devices/";
  machine.file(pci + "0000:00:01.0/class", "0x060100");
  machine.file(pci + "0000:01:00.0/class", "0x020000")
      .file(pci + "0000:01:00.0/vendor", "0x8086")
      .file(pci + "0000:01:00.0/device", "0x1521");
  machine.link(pci + "0000:01:00.0/driver", "../../../bus/pci/drivers/igb")
      .folder(pci + "0000:01:00.0/net/eth0")
      .file(pci + "0000:01:00.0/numa_node", "1");
  machine.file(pci + "0000:02:00.0/class", "0x020000")
      .link(pci + "0000:02:00.0/driver", "../vfio-pci")
      .link(pci + "0000:02:00.0/iommu_group", "../7");
  const auto nics = pci_nics(machine.tree());
  ASSERT_EQ(nics.size(), 2u);
  EXPECT_EQ(nics[0].address, "0000:01:00.0");
  EXPECT_EQ(nics[0].id, "8086:1521");
  EXPECT_EQ(nics[0].driver, "igb");
  EXPECT_EQ(nics[0].netdev, "eth0");
  EXPECT_EQ(nics[0].node, 1);
  EXPECT_FALSE(for_user_space(nics[0].driver));
  EXPECT_TRUE(for_user_space(nics[1].driver));
  EXPECT_TRUE(nics[1].grouped);
}

}  // namespace
}  // namespace pfs::test
