#include "session/neighbours/neighbour_frame.hpp"

#include <algorithm>

#include "wire/addresses/arp.hpp"
#include "wire/ethernet.hpp"

namespace pfs::session {
namespace {

constexpr IpAddress kAllNodes{.v6 = true, .bytes = {0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

/// Begins a frame with its Ethernet header; returns where its packet of `bytes` bytes goes.
uint8_t* begin(const OwnAddress& from, const MacAddress& to, uint16_t ether_type, uint32_t bytes,
               NeighbourFrame& out) noexcept {
  const EncapsulationBuffer headers = ethernet_encapsulation(to, from.mac, from.vlan, ether_type);
  std::copy_n(headers.bytes.data(), headers.length, out.bytes.begin());
  out.port = from.port;
  out.length = static_cast<uint8_t>(headers.length + bytes);
  return out.bytes.data() + headers.length;
}

Drop read_arp_message(std::span<const uint8_t> packet, NeighbourMessage& out) noexcept {
  const auto arp = read_arp(packet);
  if (!arp) return Drop::kNotPacketfs;
  // An announcement ("gratuitous": sender and target are the same) tells, whatever its operation says.
  out.answer = arp->reply || arp->sender == arp->target;
  out.target = out.answer ? arp->sender : arp->target;
  out.mac = arp->sender_mac;
  out.from = arp->sender;
  return Drop::kNone;
}

Drop read_discovery_message(std::span<const uint8_t> packet, NeighbourMessage& out) noexcept {
  DiscoveryMessage message;
  if (const Drop fault = read_discovery(packet, message); fault != Drop::kNone) return fault;
  out.answer = message.advertisement;
  out.target = message.target;
  out.mac = message.mac;
  if (!out.mac && message.solicited) out.mac = out.from_mac;  // the option may be left out of an answer to one host
  out.from = message.from;
  return Drop::kNone;
}

}  // namespace

Drop read_neighbour_frame(std::span<const uint8_t> frame, const LinkHeader& link, NeighbourMessage& out) noexcept {
  out = {};
  std::copy_n(frame.data() + out.from_mac.size(), out.from_mac.size(), out.from_mac.begin());
  const std::span<const uint8_t> packet = frame.subspan(link.bytes);
  if (link.ether_type == kEtherTypeArp) return read_arp_message(packet, out);
  if (link.ether_type == kEtherTypeIpv6) return read_discovery_message(packet, out);
  return Drop::kNotPacketfs;
}

void write_request(const OwnAddress& from, const IpAddress& target, const std::optional<MacAddress>& known,
                   NeighbourFrame& out) noexcept {
  if (!target.v6) {
    write_arp(begin(from, known.value_or(kBroadcast), kEtherTypeArp, kArpBytes, out),
              {.sender_mac = from.mac, .sender = from.ip, .target = target});
    return;
  }
  const IpAddress group = solicited_node(target);
  write_discovery(begin(from, known.value_or(group_mac(group)), kEtherTypeIpv6, kDiscoveryBytes, out),
                  {.from = from.ip, .to = known ? target : group, .target = target, .mac = from.mac});
}

void write_answer(const OwnAddress& own, const NeighbourMessage& request, NeighbourFrame& out) noexcept {
  if (!own.ip.v6) {
    write_arp(begin(own, request.from_mac, kEtherTypeArp, kArpBytes, out),
              {.reply = true,
               .sender_mac = own.mac,
               .sender = own.ip,
               .target_mac = request.mac.value_or(request.from_mac),
               .target = request.from});
    return;
  }
  // Somebody without an address asks whether this one is free: all nodes are told that it is not.
  const bool asks_whether_free = request.from.is_unspecified();
  write_discovery(
      begin(own, asks_whether_free ? group_mac(kAllNodes) : request.from_mac, kEtherTypeIpv6, kDiscoveryBytes, out),
      {.advertisement = true,
       .solicited = !asks_whether_free,
       .from = own.ip,
       .to = asks_whether_free ? kAllNodes : request.from,
       .target = own.ip,
       .mac = own.mac});
}

}  // namespace pfs::session
