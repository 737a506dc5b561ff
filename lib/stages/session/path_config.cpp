#include "stages/session/path_config.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"
#include "config/reader.hpp"

namespace pfs {
namespace {

constexpr uint16_t kMostVlan = 4094;  // IEEE 802.1Q; 4095 is reserved
enum class Encap : uint8_t { kEthernet, kVlan, kUdp };

/// The keys of one path. Each function reads some and refuses what does not fit.
class PathReader {
 public:
  PathReader(const Node& node, std::string what) : what_(std::move(what)), reader_(&node, what_), where_(node.where) {}

  Result<PathSetting> read() {
    PathSetting path{.where = where_, .port = reader_.required_text("port")};
    encap_ = reader_.choice("encap", Encap::kEthernet,
                            {{"ethernet", Encap::kEthernet}, {"vlan", Encap::kVlan}, {"udp", Encap::kUdp}});
    read_vlan(path.address);
    if (encap_ == Encap::kUdp)
      read_udp(path.address);
    else
      read_ethernet(path.address);
    if (auto done = reader_.finish(); !done) return tl::unexpected(done.error());
    return path;
  }

 private:
  void read_vlan(session::PathAddress& address) {
    address.vlan = static_cast<uint16_t>(reader_.number("vlan", 0, 1, kMostVlan));
    if (encap_ == Encap::kVlan && !reader_.has("vlan")) reader_.missing("vlan", "add vlan: 1 to 4094");
    if (encap_ == Encap::kEthernet && reader_.has("vlan"))
      reader_.reject("vlan", fmt::format("'vlan' of {}, whose frames have no tag", what_), "write encap: vlan");
  }

  void read_ethernet(session::PathAddress& address) {
    address.peer = mac("remote");
    for (const char* key : {"local", "gateway", "mac", "ttl", "neighbours"})
      if (reader_.any(key) != nullptr)
        reader_.reject(key, fmt::format("'{}' of {}, whose frames have no IP addresses", key, what_),
                       "write encap: udp");
  }

  void read_udp(session::PathAddress& address) {
    session::UdpPath& udp = address.udp.emplace();
    udp.local = local();
    udp.remote = ip("remote");
    udp.gateway = ip("gateway");
    address.peer = mac("mac");
    udp.hop_limit = static_cast<uint8_t>(reader_.number("ttl", kHopLimit, 1, UINT8_MAX));
    address.kernel = reader_.choice("neighbours", false, {{"own", false}, {"kernel", true}});
    if (!udp.remote)
      for (const char* key : {"gateway", "mac", "ttl"})
        if (reader_.has(key))
          reader_.reject(key, fmt::format("'{}' of {}, which has no remote", key, what_),
                         "add remote: ..., or leave it off: answers go back the way the question came");
    if (udp.remote) check_way(address);
  }

  IpPrefix local() {
    if (!reader_.has("local")) reader_.missing("local", "add local: 10.9.0.1/24, an address of this end");
    const std::string text = reader_.text("local", {});
    const auto prefix = parse_prefix(text);
    if (prefix && !prefix->address.is_group() && !prefix->address.is_unspecified()) return *prefix;
    if (reader_.has("local"))
      reader_.reject("local", fmt::format("'local' of {} is {}, not an address of this end", what_, quote(text)),
                     "write 10.9.0.1/24 or fd00::1/64");
    return {};
  }

  std::optional<IpAddress> ip(const char* key) {
    if (!reader_.has(key)) {
      reader_.text(key, {});
      return std::nullopt;
    }
    const std::string text = reader_.text(key, {});
    const auto address = parse_ip(text);
    if (address && !address->is_group() && !address->is_unspecified()) return address;
    reader_.reject(key, fmt::format("'{}' of {} is {}, not an IP address of one machine", key, what_, quote(text)),
                   "write it as 10.8.0.2 or fd01::2");
    return std::nullopt;
  }

  std::optional<MacAddress> mac(const char* key) {
    if (!reader_.has(key)) {
      reader_.text(key, {});
      return std::nullopt;
    }
    const std::string text = reader_.text(key, {});
    const auto address = parse_mac(text);
    if (!address)
      reader_.reject(key, fmt::format("'{}' of {} is {}, not a MAC address", key, what_, quote(text)),
                     "write it as \"52:54:00:00:00:02\"");
    return address;
  }

  void check_way(const session::PathAddress& address) {
    const session::UdpPath& udp = *address.udp;
    const IpAddress& local = udp.local.address;
    const auto other_version = [&](const char* key, const IpAddress& ip) {
      if (ip.v6 != local.v6 && !local.is_unspecified())
        reader_.reject(key, fmt::format("'{}' of {} is {}, and 'local' is {}", key, what_, to_text(ip), to_text(local)),
                       "both must be IPv4, or both IPv6");
    };
    other_version("remote", *udp.remote);
    if (udp.gateway) other_version("gateway", *udp.gateway);
    if (*udp.remote == local)
      reader_.reject("remote", fmt::format("'remote' of {} is its own address", what_), "write the other end's");
    if (udp.gateway && !udp.local.contains(*udp.gateway) && !udp.gateway->is_link_local())
      reader_.reject("gateway",
                     fmt::format("'gateway' of {}, {}, is not in the network of 'local'", what_, to_text(*udp.gateway)),
                     fmt::format("give a router of {}/{}", to_text(local), udp.local.bits));
    if (!udp.next_hop() && !address.peer)
      reader_.reject("remote",
                     fmt::format("'remote' of {}, {}, is not in the network of 'local', {}/{}", what_,
                                 to_text(*udp.remote), to_text(local), udp.local.bits),
                     "add gateway: the router towards it, or mac: the router's");
  }

  std::string what_;
  Reader reader_;
  std::string where_;
  Encap encap_ = Encap::kEthernet;
};

}  // namespace

Result<std::vector<PathSetting>> read_paths(const Node* list, const std::string& what) {
  std::vector<PathSetting> paths;
  if (list == nullptr) return paths;
  for (size_t i = 0; i < list->items.size(); ++i) {
    auto path = PathReader(list->items[i], fmt::format("path {} of {}", i, what)).read();
    if (!path) return tl::unexpected(path.error());
    paths.push_back(std::move(*path));
  }
  return paths;
}

session::PathAddress address_of(const PathSetting& path, const Port& port) {
  session::PathAddress address = path.address;
  address.port = port.id;
  address.mac = port.mac;
  address.mtu = port.mtu;
  if (!address.udp && !address.peer) address.peer = port.peer;
  return address;
}

}  // namespace pfs
