#include "config/driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/escape.hpp"
#include "config/reader.hpp"
#include "config/words.hpp"

namespace pfs {

namespace {

// What rte_eth_dev_rx_offload_name and its TX twin print in DPDK 22.11, except what a PacketFS frame never meets
// (TCP, IPsec, tunnels): a misspelt name is found here, with file and line, and not after the devices have started.
constexpr std::array<std::string_view, 13> kRxOffloads = {
    "VLAN_STRIP", "IPV4_CKSUM", "UDP_CKSUM", "QINQ_STRIP", "OUTER_IPV4_CKSUM", "VLAN_FILTER", "VLAN_EXTEND",
    "SCATTER",    "TIMESTAMP",  "KEEP_CRC",  "RSS_HASH",   "OUTER_UDP_CKSUM",  "BUFFER_SPLIT"};
constexpr std::array<std::string_view, 8> kTxOffloads = {"VLAN_INSERT",    "IPV4_CKSUM",       "UDP_CKSUM",
                                                         "QINQ_INSERT",    "OUTER_IPV4_CKSUM", "MULTI_SEGS",
                                                         "MBUF_FAST_FREE", "SEND_ON_TIMESTAMP"};

constexpr uint64_t kMostQueues = 64;
constexpr uint64_t kLeastDescriptors = 32;
constexpr uint64_t kMostDescriptors = 32'768;  // rte_eth_dev_info.rx_desc_lim narrows it for each device
constexpr uint64_t kMostBurst = 256;           // mbufs; the stages' arrays are as long
constexpr uint64_t kLeastMtu = 68;             // RFC 791, RTE_ETHER_MIN_MTU
constexpr uint64_t kMostMtu = 16'110;          // RTE_ETHER_MAX_JUMBO_FRAME_LEN less Ethernet's 18
constexpr uint64_t kMostCache = 512;           // RTE_MEMPOOL_CACHE_MAX_SIZE

void check_offloads(Reader& reader, std::string_view key, std::span<const std::string> asked,
                    std::span<const std::string_view> known) {
  for (const std::string& name : asked)
    if (std::find(known.begin(), known.end(), name) == known.end())
      reader.reject(key, fmt::format("'{}' has {}, no offload we know", key, quote(name)),
                    suggest(name, known, "the names are"));
}

/// Reads the keys that a port may override into `config`; a key that is not given keeps its value.
void read_keys(Reader& reader, DriverConfig& config) {
  const auto number16 = [&](std::string_view key, uint16_t& value, uint64_t low, uint64_t high) {
    value = static_cast<uint16_t>(reader.number(key, value, low, high));
  };
  const auto number32 = [&](std::string_view key, uint32_t& value, uint64_t low, uint64_t high) {
    value = static_cast<uint32_t>(reader.number(key, value, low, high));
  };
  number16("rxq", config.rxq, 1, kMostQueues);
  number16("txq", config.txq, 1, kMostQueues);
  number16("rxd", config.rxd, kLeastDescriptors, kMostDescriptors);
  number16("txd", config.txd, kLeastDescriptors, kMostDescriptors);
  number16("burst", config.burst, 1, kMostBurst);
  number16("burst_min", config.burst_min, 1, kMostBurst);
  number32("mtu", config.mtu, kLeastMtu, kMostMtu);
  number32("mbufs", config.mbufs, 512, 16'777'216);
  number32("mbcache", config.mbcache, 0, kMostCache);
  config.link_status = reader.flag("link_status", config.link_status);
  config.counts_per_link = reader.flag("counts_per_link", config.counts_per_link);
  config.hands_over = reader.flag("hands_over", config.hands_over);
  config.whole_pool = reader.flag("whole_pool", config.whole_pool);
  config.link_by_restart = reader.flag("link_by_restart", config.link_by_restart);
  const auto texts = [&](std::string_view key, std::vector<std::string>& values) {
    std::vector<std::string> read = reader.texts(key);
    if (reader.has(key)) values = std::move(read);
  };
  texts("rx_offloads", config.rx_offloads);
  texts("tx_offloads", config.tx_offloads);
  check_offloads(reader, "rx_offloads", config.rx_offloads, kRxOffloads);
  check_offloads(reader, "tx_offloads", config.tx_offloads, kTxOffloads);
}

/// What no key shows alone. `reader` is the one that the last values came from.
void check_together(Reader& reader, const DriverConfig& config) {
  const auto asks = [&](std::string_view name) {
    return std::find(config.tx_offloads.begin(), config.tx_offloads.end(), name) != config.tx_offloads.end();
  };
  // MBUF_FAST_FREE promises one-segment mbufs; a driver that believes it frees only the first segment of a chain.
  if (asks("MBUF_FAST_FREE") && asks("MULTI_SEGS"))
    reader.reject("tx_offloads", "'tx_offloads' has both MBUF_FAST_FREE and MULTI_SEGS", "keep one of them");
  if (config.attaches_again && config.frees_on_interrupt_thread)  // both close the port's gate, and each opens it
    reader.reject("attaches_again", "'attaches_again' and 'frees_on_interrupt_thread' exclude each other",
                  "keep one of them");
  if (config.burst < config.burst_min)
    reader.reject(
        "burst",
        fmt::format("'burst' {} is less than this driver's vector functions take at once, and they would take "
                    "nothing",
                    config.burst),
        fmt::format("it may be {} to {}", config.burst_min, kMostBurst));
  if (config.mbcache * 3 > config.mbufs * 2)
    reader.reject("mbcache", fmt::format("'mbcache' {} is too much for {} mbufs", config.mbcache, config.mbufs),
                  fmt::format("it may be 0 to {}", std::min<uint64_t>(config.mbufs * 2 / 3, kMostCache)));
}

/// The profiles of a folder in order of their names.
Result<std::vector<std::string>> list_profiles(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (at->path().extension() == ".yaml") paths.push_back(at->path().string());
  if (error)
    return fail(folder, fmt::format("cannot be listed: {}", error.message()), "name the folder drivers-config");
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<DriverConfig> read_profile(const Node& node, const std::string& path) {
  Reader reader(&node, "driver profile");
  DriverConfig config;
  config.path = path;
  config.pmds = reader.texts("pmds");
  if (config.pmds.empty()) reader.missing("pmds", "add pmds: [net_...]");
  config.link_remedy = reader.text("link_remedy", "");
  config.frees_on_interrupt_thread = reader.flag("frees_on_interrupt_thread", false);
  config.attaches_again = reader.flag("attaches_again", false);
  config.fixed_arguments = reader.texts("fixed_arguments");
  config.default_arguments = reader.texts("default_arguments");
  config.listens_at = reader.text("listens_at", "");
  config.reads_captures = reader.text("reads_captures", "");
  config.listens_if = reader.texts("listens_if");
  read_keys(reader, config);
  check_together(reader, config);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return config;
}

}  // namespace

bool DriverConfig::serves(const std::string& pmd) const {
  return std::find(pmds.begin(), pmds.end(), pmd) != pmds.end();
}

Result<std::vector<DriverConfig>> load_drivers(const std::string& folder) {
  const auto paths = list_profiles(folder);
  if (!paths) return tl::unexpected(paths.error());
  std::vector<DriverConfig> profiles;
  for (const std::string& path : *paths) {
    const auto node = load_yaml(path);
    if (!node) return tl::unexpected(node.error());
    auto profile = read_profile(*node, path);
    if (!profile) return tl::unexpected(profile.error());
    for (const std::string& pmd : profile->pmds)
      for (const DriverConfig& other : profiles)
        if (other.serves(pmd))
          return fail(path, fmt::format("{} is also in {}", quote(pmd), other.path), "keep one of them");
    profiles.push_back(std::move(*profile));
  }
  return profiles;
}

const DriverConfig* find_driver(const std::vector<DriverConfig>& profiles, const std::string& device) {
  const DriverConfig* found = nullptr;
  size_t longest = 0;
  for (const DriverConfig& profile : profiles)
    for (const std::string& pmd : profile.pmds)
      if (device.starts_with(pmd) && pmd.size() > longest) found = &profile, longest = pmd.size();
  return found;
}

Result<DriverConfig> override_driver(DriverConfig profile, const Node* overrides) {
  Reader reader(overrides, "driver overrides");
  read_keys(reader, profile);
  check_together(reader, profile);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return profile;
}

Result<DriverConfig> load_driver(const std::string& folder, const std::string& pmd, const Node* overrides) {
  const auto profiles = load_drivers(folder);
  if (!profiles) return tl::unexpected(profiles.error());
  for (const DriverConfig& profile : *profiles)
    if (profile.serves(pmd)) return override_driver(profile, overrides);
  return fail(
      folder, fmt::format("no profile for driver {}", quote(pmd)),
      fmt::format("add {}/{}.yaml with pmds: [{}]", folder, pmd.starts_with("net_") ? pmd.substr(4) : pmd, pmd));
}

Result<void> check_driver_overrides(const Node* overrides, const std::string& what) {
  Reader reader(overrides, what);
  DriverConfig config;
  read_keys(reader, config);
  return reader.finish();
}

}  // namespace pfs
