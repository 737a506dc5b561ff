// What the drivers' profiles say of --vdev arguments.
#include "dpdk/vdev.hpp"

#include <gtest/gtest.h>

namespace pfs {
namespace {

std::string outcome(const std::string& device) {
  const auto profiles = load_drivers(PFS_DRIVERS);
  EXPECT_TRUE(profiles) << profiles.error().line();
  const auto checked = check_vdevs({device}, *profiles);
  return checked ? std::string("taken") : checked.error().line();
}

TEST(Vdev, ArgumentsThatLetAPeerRewriteJudgedFramesAreRefused) {
  EXPECT_NE(outcome("net_memif0,role=client,zero-copy=yes").find("'zero-copy=yes' is not safe with this driver"),
            std::string::npos);
  EXPECT_NE(outcome("net_memif_x,zero-copy=no,zero-copy=yes").find("write zero-copy=no, or leave it out"),
            std::string::npos);
  EXPECT_EQ(outcome("net_memif0,role=client,zero-copy=no"), "taken");
  EXPECT_EQ(outcome("net_null0,zero-copy=yes"), "taken") << "another driver's argument is for the driver to judge";
}

TEST(Vdev, ADeviceGetsWhatItsProfileGivesUnlessToldOtherwise) {
  const auto profiles = load_drivers(PFS_DRIVERS);
  ASSERT_TRUE(profiles);
  EalArguments eal = {.words = {"packetfs", "--vdev", "net_af_packet0,iface=a",
                                "--vdev=net_af_packet1,iface=b,framecnt=64", "--vdev", "net_null0"},
                      .devices = {"net_af_packet0,iface=a", "net_af_packet1,iface=b,framecnt=64", "net_null0"}};
  complete_vdevs(eal, *profiles);
  EXPECT_EQ(eal.devices[0], "net_af_packet0,iface=a,framecnt=4096");
  EXPECT_EQ(eal.words[2], eal.devices[0]);
  EXPECT_EQ(eal.words[3], "--vdev=net_af_packet1,iface=b,framecnt=64");
  EXPECT_EQ(eal.words[5], "net_null0");
}

TEST(Vdev, TheProfileIsThatOfTheLongestNameThatTheDeviceBeginsWith) {
  DriverConfig shorter, longer;
  shorter.pmds = {"net_virtio"};
  longer.pmds = {"net_virtio_user"};
  const std::vector<DriverConfig> profiles = {longer, shorter};
  EXPECT_EQ(find_driver(profiles, "net_virtio_user0"), &profiles[0]);
  EXPECT_EQ(find_driver(profiles, "net_virtio0"), &profiles[1]);
  EXPECT_EQ(find_driver(profiles, "0000:01:00.0"), nullptr);
}

TEST(Vdev, AFailedProbeIsToldByTheLinesBeforeItsEnd) {
  const std::vector<LogLine> lines = {{4, "a(): the first is broken"},
                                      {4, "vdev_probe(): failed to initialize net_a0 device"},
                                      {4, "b(): the second is broken"},
                                      {4, "vdev_probe(): failed to initialize net_b0 device"},
                                      {4, "EAL: Bus (vdev) probe failed."}};
  EXPECT_EQ(check_probed({"net_b0,x=1"}, lines).error().line(), "--vdev net_b0,x=1: the second is broken");
  EXPECT_EQ(check_probed({"net_a0"}, lines).error().line(), "--vdev net_a0: the first is broken");
  EXPECT_EQ(check_probed({"net_c0"}, {}).error().line(),
            "--vdev net_c0: EAL made no device of it; --log-level=debug shows why");
}

}  // namespace
}  // namespace pfs
