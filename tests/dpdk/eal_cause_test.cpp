// Which line of a log is the cause. The logs are what DPDK 22.11 wrote.
#include "dpdk/eal_cause.hpp"

#include <gtest/gtest.h>

namespace pfs {
namespace {

using Lines = std::vector<LogLine>;
constexpr uint32_t kCritical = 3, kError = 4, kWarning = 5, kNotice = 6, kInfo = 7, kDebug = 8;

TEST(EalCause, TheFirstErrorIsTheCauseAndWhatFollowsFromItIsNot) {
  const auto cause = find_cause(Lines{{kInfo, "EAL: Detected CPU lcores: 2"},
                                      {kError, "EAL: Error creating '/var/run/dpdk': Read-only file system"},
                                      {kError, "EAL: Cannot create runtime directory"},
                                      {kError, "EAL: Invalid 'command line' arguments."}});
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->what, "Error creating '/var/run/dpdk': Read-only file system");
  EXPECT_NE(cause->remedy.find("RUNTIME_DIRECTORY"), std::string::npos);
}

TEST(EalCause, ALineThatNoTableKnowsIsToldAsItIs) {
  const auto cause = find_cause(Lines{{kError, "eth_new_dev_init(): the frobnicator is on fire."}});
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->what, "the frobnicator is on fire");
  EXPECT_EQ(cause->remedy, "");
}

TEST(EalCause, OfSeveralUnknownErrorsTheFirstAndTheLastAreTold) {
  const auto cause =
      find_cause(Lines{{kError, "x(): a is broken"}, {kError, "x(): so is b"}, {kError, "x(): gave up"}});
  EXPECT_EQ(cause->what, "a is broken (gave up)");
}

TEST(EalCause, AKnownErrorGoesBeforeUnknownOnes) {
  const auto cause =
      find_cause(Lines{{kError, "noise"}, {kError, "memif_connect_client(): Failed to connect socket: /tmp/x."}});
  EXPECT_EQ(cause->what, "Failed to connect socket: /tmp/x");
  EXPECT_NE(cause->remedy.find("role=server"), std::string::npos);
}

TEST(EalCause, WhatDriversSayQuietlyCountsWhereNoErrorStands) {
  const Lines quiet = {{kInfo, "memif_msg_receive_disconnect(): Disconnect received: ID not found"},
                       {kDebug, "x(): Disconnected, id: 0"}};
  EXPECT_EQ(find_cause(quiet)->what, "Disconnect received: ID not found");
  EXPECT_FALSE(find_cause(
      Lines{{kNotice, "EAL: Selected IOVA mode 'VA'"}, {kDebug, "EAL: Physical addresses are unavailable"}}));
}

TEST(EalCause, AConsequenceIsToldWhereNothingElseIs) {
  const auto cause = find_cause(Lines{{kError, "EAL: Cannot init memory"}});
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->what, "Cannot init memory");
}

TEST(EalCause, APanicsTextIsTheCauseAndItsStackIsNot) {
  const auto cause = find_cause(Lines{{kCritical, "PANIC in rte_eal_init():"},
                                      {kCritical, "Cannot set affinity"},
                                      {kError, "0: /lib/x86_64-linux-gnu/librte_eal.so.23 (rte_dump_stack+0x2e) [7f0]"},
                                      {kError, "1: packetfs (main+0x10) [55d]"}});
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->what, "Cannot set affinity");
  EXPECT_NE(cause->remedy.find("cpuset"), std::string::npos);
}

TEST(EalCause, OneLineStaysOneHarmlessLine) {
  EXPECT_EQ(plain_text("EAL: eal_x(): name \x1b[2Jx."), "name \\x1b[2Jx");
  EXPECT_EQ(plain_text("net_af_packet0: ioctl failed (SIOCGIFINDEX):No such device"),
            "net_af_packet0: ioctl failed (SIOCGIFINDEX):No such device");
}

TEST(EalCause, WarningsBecomeNotesAndKnownNoiseDoesNot) {
  EXPECT_EQ(warnings(Lines{{kInfo, "EAL: Detected CPU lcores: 2"},
                           {kWarning, "EAL: No free 1048576 kB hugepages reported on node 0"},
                           {kWarning, "x():  the cable is loose."},
                           {kError, "y(): no flow rules"}}),
            (std::vector<std::string>{"the cable is loose", "no flow rules"}));
}

TEST(EalCause, WhatLibrariesWriteBesideTheLogIsKept) {
  EXPECT_EQ(written_by_others("libbpf: no BTF\nEAL: FATAL: Cannot init memory\n\nlibxdp: sorry"),
            "libbpf: no BTF\nlibxdp: sorry");
  EXPECT_EQ(written_by_others("\nUsage: packetfs [options]\n\nEAL common options:\n  -c COREMASK\n"), "");
  EXPECT_EQ(written_by_others("3: packetfs (55c3d3284000+0xea42b) [55c3d336e42b]\n"), "");
  EXPECT_EQ(written_by_others(""), "");
}

TEST(EalCause, KnownNoiseIsChatter) {
  EXPECT_TRUE(is_chatter("rte_pmd_memif_probe(): Failed to register mp action callback: Operation not supported"));
  EXPECT_FALSE(is_chatter("Failed to register something else"));
}

}  // namespace
}  // namespace pfs
