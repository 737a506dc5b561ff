#include "wire/addresses/too_big.hpp"

#include "base/endian.hpp"
#include "wire/addresses/internet_checksum.hpp"
#include "wire/addresses/link_header.hpp"
#include "wire/frame.hpp"

namespace pfs {
namespace {

constexpr uint32_t kIcmpBytes = 8;  // in front of the packet that is quoted
constexpr uint8_t kUnreachable = 3;
constexpr uint8_t kFragmentationNeeded = 4;
constexpr uint8_t kPacketTooBig = 2;
constexpr uint8_t kNeighbourSolicitation = 135;
constexpr uint8_t kNeighbourAdvertisement = 136;

/// The IP packet behind a frame's Ethernet header.
struct Packet {
  const uint8_t* at = nullptr;
  uint64_t room = 0;          // bytes to the end of the frame
  uint32_t header_bytes = 0;  // 0: not a whole header
  bool v6 = false;
};

Packet packet_at(const uint8_t* at, uint64_t room, bool v6) noexcept {
  Packet packet{.at = at, .room = room, .v6 = v6};
  if (v6) {
    if (room >= kIpv6Bytes && at[0] >> 4 == 6) packet.header_bytes = kIpv6Bytes;
    return packet;
  }
  if (room < kIpv4Bytes || at[0] >> 4 != 4) return packet;
  const uint32_t bytes = (at[0] & 15u) * 4;
  if (bytes >= kIpv4Bytes && bytes <= room) packet.header_bytes = bytes;
  return packet;
}

Packet packet_in(std::span<const uint8_t> frame) noexcept {
  const auto link = read_link_header(frame);
  if (!link || (link->ether_type != kEtherTypeIpv4 && link->ether_type != kEtherTypeIpv6)) return {};
  return packet_at(frame.data() + link->bytes, frame.size() - link->bytes, link->ether_type == kEtherTypeIpv6);
}

bool is_too_big(const Packet& packet) noexcept {
  if (packet.header_bytes == 0 || packet.room < packet.header_bytes + kIcmpBytes) return false;
  const uint8_t* icmp = packet.at + packet.header_bytes;
  if (packet.v6) return packet.at[6] == kProtocolIcmpv6 && icmp[0] == kPacketTooBig;
  return packet.at[9] == kProtocolIcmp && icmp[0] == kUnreachable && icmp[1] == kFragmentationNeeded;
}

/// Bytes of the ICMP message as the IP header has it, or 0 if the frame has not as many.
uint32_t icmp_bytes(const Packet& packet) noexcept {
  const uint32_t total = packet.v6 ? kIpv6Bytes + load_be<uint16_t>(packet.at + 4) : load_be<uint16_t>(packet.at + 2);
  return total >= packet.header_bytes + kIcmpBytes && total <= packet.room ? total - packet.header_bytes : 0;
}

bool checksum_holds(const Packet& packet, uint32_t bytes) noexcept {
  InternetChecksum sum;
  if (packet.v6) {
    sum.add(packet.at + 8, 32);
    sum.add(static_cast<uint16_t>(bytes));
    sum.add(kProtocolIcmpv6);
  }
  sum.add(packet.at + packet.header_bytes, bytes);
  return sum.sum() == 0xFFFF;
}

}  // namespace

Drop read_too_big(std::span<const uint8_t> frame, TooBig& out) noexcept {
  const Packet packet = packet_in(frame);
  if (!is_too_big(packet)) return Drop::kNotPacketfs;
  const uint32_t bytes = icmp_bytes(packet);
  if (bytes == 0) return Drop::kTruncated;
  if (!checksum_holds(packet, bytes)) return Drop::kBadChecksum;
  const uint8_t* icmp = packet.at + packet.header_bytes;
  const Packet quoted = packet_at(icmp + kIcmpBytes, bytes - kIcmpBytes, packet.v6);
  if (quoted.header_bytes == 0 || quoted.room < quoted.header_bytes + kUdpBytes) return Drop::kTruncated;
  const uint8_t protocol = quoted.at[quoted.v6 ? 6 : 9];
  if (protocol != kProtocolUdp || load_be<uint16_t>(quoted.at + quoted.header_bytes) != kUdpPort)
    return Drop::kNotPacketfs;
  out.from = ip_at(quoted.at + (quoted.v6 ? 8 : 12), quoted.v6);
  out.to = ip_at(quoted.at + (quoted.v6 ? 24 : 16), quoted.v6);
  out.to_port = load_be<uint16_t>(quoted.at + quoted.header_bytes + 2);
  out.mtu = quoted.v6 ? load_be<uint32_t>(icmp + 4) : load_be<uint16_t>(icmp + 6);
  return Drop::kNone;
}

bool concerns_addresses(std::span<const uint8_t> frame) noexcept {
  const auto link = read_link_header(frame);
  if (!link) return false;
  if (link->ether_type == kEtherTypeArp) return true;
  const Packet packet = packet_in(frame);
  if (is_too_big(packet)) return true;
  if (!packet.v6 || packet.header_bytes == 0 || packet.room <= kIpv6Bytes || packet.at[6] != kProtocolIcmpv6)
    return false;
  const uint8_t type = packet.at[kIpv6Bytes];
  return type == kNeighbourSolicitation || type == kNeighbourAdvertisement;
}

}  // namespace pfs
