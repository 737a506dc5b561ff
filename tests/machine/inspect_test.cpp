// What --check says of recorded machines.
#include "machine/inspect.hpp"

#include <gtest/gtest.h>

#include "recorded.hpp"

namespace pfs::test {
namespace {

using Grade = Finding::Grade;

/// A machine with nothing to say against it: pages, a mount, isolated CPUs, and a controller with vfio-pci.
void make_good(Recorded& machine) {
  const std::string cpu = "sys/devices/system/cpu/";
  machine.file("proc/self/status", "Cpus_allowed_list:\t0-3").file("proc/self/cgroup", "0::/");
  machine.file("proc/mounts", "none /dev/hugepages hugetlbfs rw,pagesize=2M 0 0");
  machine.file("proc/self/limits", "Max locked memory         unlimited            unlimited            bytes");
  machine.pages("2048kB", 1024, 1000);
  machine.file(cpu + "online", "0-3").file(cpu + "isolated", "2-3").file(cpu + "nohz_full", "2-3");
  machine.file(cpu + "cpu2/cpufreq/scaling_governor", "performance");
  machine.file("sys/devices/system/node/online", "0")
      .folder("sys/class/iommu/dmar0")
      .folder("sys/bus/pci/drivers/vfio-pci");
  const std::string nic = "sys/bus/pci/devices/0000:01:00.0/";
  machine.file(nic + "class", "0x020000")
      .file(nic + "vendor", "0x8086")
      .file(nic + "device", "0x1521")
      .link(nic + "driver", "../vfio-pci");
}

/// The lines of one grade.
std::vector<std::string> lines(const Recorded& machine, Grade grade, bool want_hugepages = true) {
  std::vector<std::string> lines;
  for (const Finding& finding : inspect_machine(machine.tree(), want_hugepages))
    if (finding.grade == grade) lines.push_back(finding.line());
  return lines;
}

using Lines = std::vector<std::string>;

TEST(Inspect, AMachineThatIsReadyHasNothingToChange) {
  Recorded machine;
  make_good(machine);
  EXPECT_EQ(lines(machine, Grade::kChange), Lines{});
  EXPECT_EQ(lines(machine, Grade::kAdvice), Lines{});
  EXPECT_EQ(lines(machine, Grade::kGood).front(), "good    hugepages     1024 of 2.00 MiB, 1000 free");
}

TEST(Inspect, WithoutHugepagesARunThatWantsThemIsRefused) {
  Recorded machine;
  make_good(machine);
  machine.pages("2048kB", 0, 0);
  const std::string command =
      "hugepages     there are none: echo 1024 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";
  EXPECT_EQ(lines(machine, Grade::kChange), Lines{"change  " + command});
  EXPECT_EQ(lines(machine, Grade::kChange, false), Lines{});
  EXPECT_EQ(lines(machine, Grade::kAdvice, false), Lines{"advice  " + command});
}

TEST(Inspect, LimitsOfMountsAndGroupsAreNamedWithTheirFiles) {
  Recorded machine;
  make_good(machine);
  machine.file("proc/mounts", "none /mnt/huge hugetlbfs rw,pagesize=2M,size=8M 0 0").file("proc/self/cgroup", "0::/x");
  machine.file("sys/fs/cgroup/x/hugetlb.2MB.max", "4194304").file("sys/fs/cgroup/x/memory.max", "1048576");
  machine.file("sys/fs/cgroup/x/cpuset.cpus.effective", "0-1").file("proc/self/status", "Cpus_allowed_list:\t0-1");
  EXPECT_EQ(
      lines(machine, Grade::kAdvice),
      (Lines{"advice  hugepages     the control group admits 4.00 MiB in pages of 2.00 MiB: echo max > "
             "/sys/fs/cgroup/x/hugetlb.2MB.max",
             "advice  hugetlbfs     /mnt/huge has pages of 2.00 MiB, 8.00 MiB at most: mount -o remount,size=100% "
             "/mnt/huge",
             "advice  cpuset        this process may run on CPUs 0-1 of 0-3: widen the group of "
             "/sys/fs/cgroup/x/cpuset.cpus.effective",
             "advice  memory        the control group admits 1.00 MiB (hugepages not counted): echo max > "
             "/sys/fs/cgroup/x/memory.max"}));
}

TEST(Inspect, WhatCostsSpeedIsAdvice) {
  Recorded machine;
  make_good(machine);
  machine.file("sys/devices/system/cpu/isolated", "")
      .file("sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "powersave");
  EXPECT_EQ(lines(machine, Grade::kAdvice),
            (Lines{"advice  isolation     no CPU is kept free of other work, which costs frames at high rates: add "
                   "isolcpus=1-3 nohz_full=1-3 rcu_nocbs=1-3 to the kernel's command line",
                   "advice  governor      CPUs 2 follow 'powersave': cpupower -c 2 frequency-set -g performance"}));
}

TEST(Inspect, ControllersWithTheKernelsDriversAreNamedWithTheirInterfaces) {
  Recorded machine;
  make_good(machine);
  const std::string nic = "sys/bus/pci/devices/0000:02:00.0/";
  machine.file(nic + "class", "0x020000")
      .file(nic + "vendor", "0x1af4")
      .file(nic + "device", "0x1041")
      .link(nic + "driver", "../virtio-pci")
      .folder(nic + "virtio3/net/eth0");
  EXPECT_EQ(lines(machine, Grade::kAdvice),
            Lines{"advice  0000:02:00.0  1af4:1041 on node 0, with virtio-pci as eth0, which the kernel would lose: "
                  "dpdk-devbind.py -b vfio-pci 0000:02:00.0"});
}

TEST(Inspect, ANodeWithAControllerWantsPages) {
  Recorded machine;
  make_good(machine);
  machine.file("sys/devices/system/node/online", "0-1").file("sys/bus/pci/devices/0000:01:00.0/numa_node", "1");
  machine.file("sys/devices/system/node/node1/hugepages/hugepages-2048kB/free_hugepages", "0");
  EXPECT_EQ(lines(machine, Grade::kAdvice),
            Lines{"advice  NUMA          node 1 has no free hugepages, and 0000:01:00.0 is there: echo 1024 > "
                  "/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages"});
}

TEST(Inspect, WithoutProcAndSysNothingElseIsSaid) {
  const Recorded machine;
  EXPECT_EQ(lines(machine, Grade::kChange),
            (Lines{"change  /proc         it is not mounted: mount -t proc proc /proc",
                   "change  /sys          it is not mounted: mount -t sysfs sysfs /sys"}));
}

TEST(Inspect, ADeviceOfAPipelineIsLookedForOnTheBus) {
  Recorded machine;
  make_good(machine);
  const std::string nic = "sys/bus/pci/devices/0000:02:00.0/";
  machine.file(nic + "class", "0x020000").link(nic + "driver", "../igb");
  EXPECT_EQ(inspect_device(machine.tree(), "0000:01:00.0").line(), "good    0000:01:00.0  with vfio-pci");
  EXPECT_EQ(inspect_device(machine.tree(), "0000:02:00.0").line(),
            "change  0000:02:00.0  with the kernel's driver igb: dpdk-devbind.py -b vfio-pci 0000:02:00.0");
  EXPECT_EQ(inspect_device(machine.tree(), "0000:03:00.0").grade, Grade::kChange);
  EXPECT_EQ(inspect_device(machine.tree(), "net_memif0").grade, Grade::kGood);
}

}  // namespace
}  // namespace pfs::test
