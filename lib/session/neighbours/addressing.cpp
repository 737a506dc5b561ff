#include "session/neighbours/addressing.hpp"

#include <algorithm>

#include "wire/addresses/link_header.hpp"
#include "wire/addresses/too_big.hpp"

namespace pfs::session {
namespace {

OwnAddress own_address(const PathAddress& path) {
  return {.port = path.port, .vlan = path.vlan, .mac = path.mac, .ip = path.udp->local.address};
}

/// Each path's next hop, without repetition.
std::vector<NextHop> hops_of(std::span<const PathAddress> paths, std::vector<size_t>& places, size_t none) {
  std::vector<NextHop> hops;
  for (const PathAddress& path : paths) {
    const auto ip = path.udp && !path.peer ? path.udp->next_hop() : std::nullopt;
    places.push_back(none);
    if (!ip) continue;
    const NextHop hop{.own = own_address(path), .ip = *ip, .silent = path.kernel};
    const auto known = std::find_if(hops.begin(), hops.end(),
                                    [&](const NextHop& each) { return each.own == hop.own && each.ip == hop.ip; });
    places.back() = static_cast<size_t>(known - hops.begin());
    if (known == hops.end()) hops.push_back(hop);
  }
  return hops;
}

std::vector<OwnAddress> own_of(std::span<const PathAddress> paths) {
  std::vector<OwnAddress> all;
  for (const PathAddress& path : paths)
    if (path.udp && !path.kernel && std::find(all.begin(), all.end(), own_address(path)) == all.end())
      all.push_back(own_address(path));
  return all;
}

}  // namespace

std::optional<IpAddress> UdpPath::next_hop() const noexcept {
  if (!remote) return std::nullopt;
  return local.contains(*remote) ? remote : gateway;
}

Addressing::Addressing(std::span<const PathAddress> paths, const NeighbourConfig& config)
    : paths_(paths.begin(), paths.end()), neighbours_(own_of(paths), hops_of(paths, hops_, kNoHop), config) {}

Drop Addressing::on_frame(std::span<const uint8_t> frame, uint16_t port, Time now) noexcept {
  TooBig message;
  const Drop fault = read_too_big(frame, message);
  if (fault == Drop::kNotPacketfs) return neighbours_.on_frame(frame, port, now);
  if (fault != Drop::kNone) return fault;
  const auto link = read_link_header(frame);
  const bool ours = std::any_of(paths_.begin(), paths_.end(), [&](const PathAddress& each) {
    return each.port == port && each.vlan == link->vlan && each.udp && each.udp->local.address == message.from;
  });
  if (!ours || message.mtu < (message.to.v6 ? kLeastV6 : kLeastV4)) {
    ++too_big_ignored_;
    return Drop::kUnasked;
  }
  hint_ = SizeHint{.to = address_of(message.to, message.to_port, port, link->vlan),
                   .mtu = message.mtu,
                   .payload = message.mtu - (message.to.v6 ? kIpv6Bytes : kIpv4Bytes) - kUdpBytes};
  return Drop::kNone;
}

std::optional<EncapsulationBuffer> Addressing::resolve(size_t path, Time now) noexcept {
  const PathAddress& way = paths_[path];
  const std::optional<MacAddress> to = hops_[path] == kNoHop ? way.peer : neighbours_.resolve(hops_[path], now);
  if (!to) return std::nullopt;
  if (!way.udp) return ethernet_encapsulation(*to, way.mac, way.vlan);
  if (!way.udp->remote) return std::nullopt;
  return udp_encapsulation(*to, way.mac, way.vlan,
                           {.from = way.udp->local.address, .to = *way.udp->remote, .hop_limit = way.udp->hop_limit});
}

uint32_t Addressing::payload(size_t path) const noexcept {
  const PathAddress& way = paths_[path];
  if (!way.udp) return payload_budget(way.mtu, ethernet_encapsulation(kBroadcast, way.mac, way.vlan));
  if (!way.udp->remote) return 0;
  const UdpEnds ends{.from = way.udp->local.address, .to = *way.udp->remote};
  return payload_budget(way.mtu, udp_encapsulation(kBroadcast, way.mac, way.vlan, ends));
}

void Addressing::doubt(size_t path, Time now) noexcept {
  if (hops_[path] != kNoHop) neighbours_.doubt(hops_[path], now);
}

void Addressing::learn(size_t path, const MacAddress& mac, Time now) noexcept {
  if (hops_[path] != kNoHop) neighbours_.learn(hops_[path], mac, now);
}

AddressingCounters Addressing::counters() const noexcept {
  return {.neighbours = neighbours_.counters(), .too_big_ignored = too_big_ignored_};
}

}  // namespace pfs::session
