#include "config/driver.hpp"

#include <algorithm>
#include <set>

#include "support.hpp"

namespace pfs {
namespace {

/// The error with the folder's name as D.
std::string load_error(const Folder& folder, const std::string& pmd, const Node* overrides = nullptr) {
  const std::string whole = error_of(load_driver(folder.path(), pmd, overrides));
  std::string shown;
  for (std::string_view line = whole; !line.empty();) {
    const size_t at = std::min(line.find(folder.path()), line.size());
    shown.append(line.substr(0, at));
    if (at == line.size()) break;
    shown.push_back('D');
    line.remove_prefix(at + folder.path().size());
  }
  return shown;
}

TEST(Driver, ReadsEveryKey) {
  const Folder folder;
  folder.write(
      "x.yaml",
      "pmds: [net_x, net_y]\nrxq: 2\ntxq: 3\nrxd: 64\ntxd: 128\nburst: 16\nmtu: 9000\nmbufs: 2048\n"
      "mbcache: 0\nrx_offloads: [SCATTER]\ntx_offloads: MULTI_SEGS\nlink_status: false\ncounts_per_link: true\n");
  const auto read = load_driver(folder.path(), "net_y", nullptr);
  ASSERT_TRUE(read) << error_of(read);
  EXPECT_EQ(read->path, folder.path() + "/x.yaml");
  EXPECT_EQ(read->pmds, (std::vector<std::string>{"net_x", "net_y"}));
  EXPECT_EQ(read->rxq, 2);
  EXPECT_EQ(read->txq, 3);
  EXPECT_EQ(read->rxd, 64);
  EXPECT_EQ(read->txd, 128);
  EXPECT_EQ(read->burst, 16);
  EXPECT_EQ(read->mtu, 9000u);
  EXPECT_EQ(read->mbufs, 2048u);
  EXPECT_EQ(read->mbcache, 0u);
  EXPECT_EQ(read->rx_offloads, (std::vector<std::string>{"SCATTER"}));
  EXPECT_EQ(read->tx_offloads, (std::vector<std::string>{"MULTI_SEGS"}));
  EXPECT_FALSE(read->link_status);
  EXPECT_TRUE(read->counts_per_link);
}

TEST(Driver, OverridesReplaceSingleKeys) {
  const Folder folder;
  folder.write("x.yaml", "{pmds: net_x, rxd: 64, txd: 128, tx_offloads: [MULTI_SEGS]}");
  const Node overrides = yaml("{rxd: 256, tx_offloads: [MBUF_FAST_FREE]}");
  const auto read = load_driver(folder.path(), "net_x", &overrides);
  ASSERT_TRUE(read) << error_of(read);
  EXPECT_EQ(read->rxd, 256);
  EXPECT_EQ(read->txd, 128);
  EXPECT_EQ(read->tx_offloads, (std::vector<std::string>{"MBUF_FAST_FREE"}));
  const Node none = yaml("{tx_offloads: []}");
  EXPECT_TRUE(load_driver(folder.path(), "net_x", &none)->tx_offloads.empty());
}

TEST(Driver, ABurstBelowWhatVectorFunctionsTakeIsRefused) {
  const Folder folder;
  folder.write("x.yaml", "{pmds: net_x, burst_min: 8}");
  const Node less = yaml("{burst: 7}");
  EXPECT_EQ(
      load_error(folder, "net_x", &less),
      "t.yaml:1: 'burst' 7 is less than this driver's vector functions take at once, and they would take nothing; "
      "it may be 8 to 256");
  const Node enough = yaml("{burst: 8}");
  EXPECT_EQ(load_error(folder, "net_x", &enough), "no error");
}

TEST(Driver, WhatADriverIsNoPortOverrides) {
  const Folder folder;
  folder.write("x.yaml",
               "{pmds: net_x, attaches_again: true, fixed_arguments: [zero-copy=no], listens_at: socket, listens_if: "
               "[role=server], "
               "reads_captures: rx}");
  const auto read = load_driver(folder.path(), "net_x", nullptr);
  ASSERT_TRUE(read) << error_of(read);
  EXPECT_TRUE(read->attaches_again);
  EXPECT_EQ(read->fixed_arguments, std::vector<std::string>{"zero-copy=no"});
  EXPECT_EQ(read->listens_at, "socket");
  EXPECT_EQ(read->reads_captures, "rx");
  EXPECT_EQ(read->listens_if, std::vector<std::string>{"role=server"});
  const Node overrides = yaml("{fixed_arguments: []}");
  EXPECT_NE(load_error(folder, "net_x", &overrides).find("unknown key 'fixed_arguments'"), std::string::npos);
}

TEST(Driver, OverridesAreCheckedWithTheProfile) {
  const Folder folder;
  folder.write("x.yaml", "{pmds: net_x, mbufs: 1024}");
  const Node unknown = yaml("{pmds: net_y}");
  EXPECT_TRUE(load_error(folder, "net_x", &unknown).starts_with("t.yaml:1: unknown key 'pmds' in driver overrides; "));
  const Node cache = yaml("mbufs: 512\nmbcache: 400\n");
  EXPECT_EQ(load_error(folder, "net_x", &cache),
            "t.yaml:2: 'mbcache' 400 is too much for 512 mbufs; it may be 0 to 341");
}

TEST(Driver, WithoutAProfileSaysWhichFileToAdd) {
  const Folder folder;
  folder.write("x.yaml", "pmds: [net_x]");
  EXPECT_EQ(load_error(folder, "net_y"), "D: no profile for driver 'net_y'; add D/y.yaml with pmds: [net_y]");
  EXPECT_EQ(load_error(folder, "mlx5_pci"),
            "D: no profile for driver 'mlx5_pci'; add D/mlx5_pci.yaml with pmds: [mlx5_pci]");
}

TEST(Driver, WithTwoProfilesIsAnError) {
  const Folder folder;
  folder.write("a.yaml", "pmds: [net_x]");
  folder.write("b.yaml", "pmds: [net_x]");
  EXPECT_EQ(load_error(folder, "net_x"), "D/b.yaml: 'net_x' is also in D/a.yaml; keep one of them");
}

TEST(Driver, OnlyYamlFilesAreProfiles) {
  const Folder folder;
  folder.write("a.yaml", "pmds: [net_x]");
  folder.write("README.md", "# not: [yaml");
  folder.write("a.yaml~", "pmds: [net_x]");
  EXPECT_EQ(load_error(folder, "net_x"), "no error");
}

TEST(Driver, AFolderThatIsNotThereIsSaid) {
  EXPECT_EQ(error_of(load_driver("/nowhere/at/all", "net_x", nullptr)),
            "/nowhere/at/all: cannot be listed: No such file or directory; name the folder drivers-config");
}

TEST(Driver, RefusesBadProfiles) {
  const auto error = [](const std::string& text) {
    const Folder folder;
    folder.write("x.yaml", text);
    return load_error(folder, "net_x");
  };
  EXPECT_EQ(error("rxd: 64"), "D/x.yaml:1: driver profile has no 'pmds'; add pmds: [net_...]");
  EXPECT_EQ(error("pmds: net_x\nrxdd: 64"), "D/x.yaml:2: unknown key 'rxdd' in driver profile; did you mean 'rxd'?");
  EXPECT_EQ(error("pmds: net_x\nrxd: 65536"),
            "D/x.yaml:2: 'rxd' of driver profile is '65536', out of range; it may be 32 to 32768");
  EXPECT_EQ(error("pmds: net_x\nrx_offloads: [SCATER]"),
            "D/x.yaml:2: 'rx_offloads' has 'SCATER', no offload we know; did you mean 'SCATTER'?");
  EXPECT_EQ(error("pmds: net_x\ntx_offloads: [MULTI_SEGS, MBUF_FAST_FREE]"),
            "D/x.yaml:2: 'tx_offloads' has both MBUF_FAST_FREE and MULTI_SEGS; keep one of them");
  EXPECT_EQ(error("pmds: net_x\nmbufs: 512\nmbcache: 342"),
            "D/x.yaml:3: 'mbcache' 342 is too much for 512 mbufs; it may be 0 to 341");
  EXPECT_EQ(error("pmds: net_x\nmbufs: 512\nmbcache: 341"), "no error");
}

// --- the profiles that ship ---------------------------------------------------------------------------------------

/// Driver names as DPDK 22.11 reports them, by the profile that serves them.
const std::vector<std::pair<std::string, std::string>> kShipped = {{"net_null", "null"},
                                                                   {"net_ring", "ring"},
                                                                   {"net_pcap", "pcap"},
                                                                   {"net_memif", "memif"},
                                                                   {"net_af_packet", "af_packet"},
                                                                   {"net_af_xdp", "af_xdp"},
                                                                   {"net_tap", "tap"},
                                                                   {"net_tun", "tap"},
                                                                   {"net_virtio", "virtio"},
                                                                   {"net_virtio_user", "virtio"},
                                                                   {"net_vmxnet3", "vmxnet3"},
                                                                   {"net_e1000_em", "e1000"},
                                                                   {"net_e1000_igb", "igb"},
                                                                   {"net_e1000_igb_vf", "igb"},
                                                                   {"net_igc", "igb"},
                                                                   {"net_ixgbe", "ixgbe"},
                                                                   {"net_ixgbe_vf", "ixgbe"},
                                                                   {"net_i40e", "i40e"},
                                                                   {"net_iavf", "i40e"},
                                                                   {"net_ice", "ice"},
                                                                   {"mlx5_pci", "mlx5"},
                                                                   {"mlx5_auxiliary", "mlx5"},
                                                                   {"net_ena", "ena"}};

TEST(ShippedDrivers, AreFoundByTheirNames) {
  for (const auto& [pmd, file] : kShipped) {
    const auto read = load_driver(PFS_DRIVERS, pmd, nullptr);
    ASSERT_TRUE(read) << error_of(read);
    EXPECT_EQ(read->path, std::string(PFS_DRIVERS) + "/" + file + ".yaml");
  }
}

TEST(ShippedDrivers, AreAllInTheTableAbove) {
  std::set<std::string> known;
  for (const auto& [pmd, file] : kShipped) known.insert(file + ".yaml");
  std::set<std::string> there;
  for (const auto& entry : std::filesystem::directory_iterator(PFS_DRIVERS))
    if (entry.path().extension() == ".yaml") there.insert(entry.path().filename().string());
  EXPECT_EQ(there, known);
}

TEST(ShippedDrivers, HoldTheirMbufs) {
  for (const auto& [pmd, file] : kShipped) {
    const auto read = load_driver(PFS_DRIVERS, pmd, nullptr);
    ASSERT_TRUE(read) << error_of(read);
    EXPECT_GE(read->mbufs, uint32_t{read->rxd} * 2 + read->txd + 2 * read->mbcache) << pmd << ": not even one queue";
  }
}

TEST(ShippedDrivers, KeepToTheirDevicesDescriptorSteps) {
  struct Step {
    const char* pmd;
    uint16_t step, least, most;
  };
  for (const Step& step : {Step{"net_vmxnet3", 32, 512, 4096},
                           {"net_e1000_em", 8, 32, 4096},
                           {"net_e1000_igb", 8, 32, 4096},
                           {"net_ixgbe", 8, 64, 4096},
                           {"net_i40e", 32, 64, 4096},
                           {"net_ice", 32, 64, 4096}}) {
    const auto read = load_driver(PFS_DRIVERS, step.pmd, nullptr);
    ASSERT_TRUE(read) << error_of(read);
    for (const uint16_t descriptors : {read->rxd, read->txd})
      EXPECT_TRUE(descriptors % step.step == 0 && descriptors >= step.least && descriptors <= step.most)
          << step.pmd << ": " << descriptors;
  }
}

}  // namespace
}  // namespace pfs
