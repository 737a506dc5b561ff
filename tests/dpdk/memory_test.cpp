// Whether the memory that a run needs is to be had, on recorded machines.
#include "dpdk/memory.hpp"

#include <gtest/gtest.h>

#include "../machine/recorded.hpp"
#include "base/units.hpp"

namespace pfs::test {
namespace {

std::string outcome(const Recorded& machine, const EalArguments& arguments, uint64_t bytes) {
  const auto enough = check_memory(machine.tree(), arguments, bytes);
  return enough ? std::string("enough") : enough.error().line();
}

const EalArguments kFiles{.words = {}, .devices = {}, .huge_folder = ""};
const EalArguments kInMemory{.words = {}, .devices = {}, .huge_folder = "", .files = false};

TEST(Memory, MissingPagesAreNamedWithTheCommandThatAddsThem) {
  Recorded machine;
  machine.pages("2048kB", 10, 4);
  EXPECT_EQ(outcome(machine, kInMemory, 8 * kMiB), "enough");
  EXPECT_EQ(outcome(machine, kInMemory, 9 * kMiB),
            "hugepages: 9.00 MiB are needed, 8.00 MiB are free: 1 pages of 2.00 MiB are missing; run `echo 11 > "
            "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages`, or add --no-huge");
}

TEST(Memory, AMountsLimitCountsWhereTheRunTakesItsPagesFromTheMount) {
  Recorded machine;
  machine.pages("2048kB", 100, 100).file("proc/mounts", "none /mnt/huge hugetlbfs rw,pagesize=2M,size=8192K 0 0");
  EXPECT_EQ(outcome(machine, kFiles, 8 * kMiB), "enough");
  EXPECT_EQ(outcome(machine, kFiles, 9 * kMiB),
            "hugepages: 9.00 MiB are needed, and /mnt/huge is mounted with size=8.00 MiB; run `mount -o "
            "remount,size=9437184 /mnt/huge`, or add --in-memory");
  EXPECT_EQ(outcome(machine, kInMemory, 9 * kMiB), "enough");
}

TEST(Memory, TheMountIsTheOneThatHoldsTheFolder) {
  Recorded machine;
  machine.pages("2048kB", 100, 100);
  machine.file(
      "proc/mounts",
      "none /mnt/huge hugetlbfs rw,pagesize=2M,size=4M 0 0\nnone /mnt/huge2 hugetlbfs rw,pagesize=2M,size=8M 0 0");
  EalArguments arguments = kFiles;
  arguments.huge_folder = "/mnt/huge2";
  EXPECT_EQ(outcome(machine, arguments, 8 * kMiB), "enough");
  arguments.huge_folder = "/mnt/huge/below";
  EXPECT_NE(outcome(machine, arguments, 8 * kMiB).find("/mnt/huge is mounted with size=4.00 MiB"), std::string::npos);
}

TEST(Memory, AControlGroupsLimitCounts) {
  Recorded machine;
  machine.pages("2048kB", 100, 100)
      .file("proc/self/cgroup", "0::/x")
      .file("sys/fs/cgroup/x/hugetlb.2MB.max", "4194304");
  EXPECT_EQ(outcome(machine, kInMemory, 9 * kMiB),
            "hugepages: 9.00 MiB are needed, and the control group admits 4.00 MiB; run `echo 9437184 > "
            "/sys/fs/cgroup/x/hugetlb.2MB.max`");
  machine.file("proc/meminfo", "MemAvailable: 65536 kB").file("sys/fs/cgroup/x/memory.max", "1048576");
  EalArguments ordinary = kFiles;
  ordinary.no_huge = true;
  EXPECT_EQ(outcome(machine, ordinary, 2 * kMiB),
            "memory: 2.00 MiB are needed, and the control group admits 1.00 MiB; raise /sys/fs/cgroup/x/memory.max, or "
            "lower blob.size");
}

}  // namespace
}  // namespace pfs::test
