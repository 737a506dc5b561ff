#include "wire/addresses/neighbour_discovery.hpp"

#include <algorithm>

#include "base/endian.hpp"
#include "wire/addresses/internet_checksum.hpp"

namespace pfs {
namespace {

constexpr uint8_t kSolicitation = 135;
constexpr uint8_t kAdvertisement = 136;
constexpr uint32_t kFixedBytes = 24;  // of either message
constexpr uint8_t kSourceOption = 1;
constexpr uint8_t kTargetOption = 2;
constexpr uint8_t kOnLinkHops = 255;
constexpr uint8_t kSolicitedFlag = 0x40;
constexpr uint8_t kOverrideFlag = 0x20;

/// Of the ICMPv6 message of `bytes` bytes behind the IPv6 header at `ip`.
InternetChecksum checksum_of(const uint8_t* ip, uint16_t bytes) noexcept {
  InternetChecksum sum;
  sum.add(ip + 8, 32);
  sum.add(bytes);
  sum.add(kProtocolIcmpv6);
  sum.add(ip + kIpv6Bytes, bytes);
  return sum;
}

/// The MAC address in the options behind a message's fixed part. kTruncated where they do not fit.
Drop read_options(std::span<const uint8_t> options, uint8_t wanted, std::optional<MacAddress>& mac) noexcept {
  while (!options.empty()) {
    const size_t bytes = options.size() < 2 ? 0 : size_t{options[1]} * 8;
    if (bytes == 0 || bytes > options.size()) return Drop::kTruncated;
    if (options[0] == wanted && bytes == 8) std::copy_n(options.data() + 2, 6, mac.emplace().begin());
    options = options.subspan(bytes);
  }
  return Drop::kNone;
}

}  // namespace

Drop read_discovery(std::span<const uint8_t> packet, DiscoveryMessage& out) noexcept {
  const uint8_t* ip = packet.data();
  if (packet.size() < kIpv6Bytes + 4 || ip[0] >> 4 != 6 || ip[6] != kProtocolIcmpv6 || ip[7] != kOnLinkHops)
    return Drop::kNotPacketfs;
  const uint8_t* message = ip + kIpv6Bytes;
  if ((message[0] != kSolicitation && message[0] != kAdvertisement) || message[1] != 0) return Drop::kNotPacketfs;
  const auto bytes = load_be<uint16_t>(ip + 4);
  if (bytes < kFixedBytes || bytes > packet.size() - kIpv6Bytes) return Drop::kTruncated;
  if (checksum_of(ip, bytes).sum() != 0xFFFF) return Drop::kBadChecksum;
  out = {.advertisement = message[0] == kAdvertisement,
         .from = ip_at(ip + 8, true),
         .to = ip_at(ip + 24, true),
         .target = ip_at(message + 8, true)};
  out.solicited = out.advertisement && (message[4] & kSolicitedFlag) != 0;
  return read_options({message + kFixedBytes, bytes - size_t{kFixedBytes}},
                      out.advertisement ? kTargetOption : kSourceOption, out.mac);
}

void write_discovery(uint8_t* at, const DiscoveryMessage& message) noexcept {
  constexpr auto kBytes = static_cast<uint16_t>(kDiscoveryBytes - kIpv6Bytes);
  std::fill_n(at, kDiscoveryBytes, uint8_t{0});
  at[0] = 0x60;
  store_be(at + 4, kBytes);
  at[6] = kProtocolIcmpv6;
  at[7] = kOnLinkHops;
  std::copy_n(message.from.bytes.data(), 16, at + 8);
  std::copy_n(message.to.bytes.data(), 16, at + 24);
  uint8_t* body = at + kIpv6Bytes;
  body[0] = message.advertisement ? kAdvertisement : kSolicitation;
  if (message.advertisement) body[4] = kOverrideFlag | (message.solicited ? kSolicitedFlag : 0);
  std::copy_n(message.target.bytes.data(), 16, body + 8);
  body[kFixedBytes] = message.advertisement ? kTargetOption : kSourceOption;
  body[kFixedBytes + 1] = 1;  // of eight bytes
  if (message.mac) std::copy_n(message.mac->data(), 6, body + kFixedBytes + 2);
  store_be(body + 2, checksum_of(at, kBytes).checksum());
}

IpAddress solicited_node(const IpAddress& target) noexcept {
  IpAddress group{.v6 = true, .bytes = {0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF}};
  std::copy_n(target.bytes.begin() + 13, 3, group.bytes.begin() + 13);
  return group;
}

MacAddress group_mac(const IpAddress& group) noexcept {
  return {0x33, 0x33, group.bytes[12], group.bytes[13], group.bytes[14], group.bytes[15]};
}

}  // namespace pfs
