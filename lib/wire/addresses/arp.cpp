#include "wire/addresses/arp.hpp"

#include <algorithm>

#include "base/endian.hpp"
#include "wire/addresses/link_header.hpp"

namespace pfs {
namespace {

constexpr uint16_t kHardwareEthernet = 1;
constexpr uint16_t kRequest = 1;
constexpr uint16_t kReply = 2;
constexpr uint16_t kSizes = 0x0604;  // bytes of a MAC address, bytes of an IPv4 address

MacAddress mac_at(const uint8_t* at) noexcept {
  MacAddress mac{};
  std::copy_n(at, mac.size(), mac.begin());
  return mac;
}

}  // namespace

std::optional<ArpPacket> read_arp(std::span<const uint8_t> bytes) noexcept {
  if (bytes.size() < kArpBytes) return std::nullopt;
  const uint8_t* at = bytes.data();
  if (load_be<uint16_t>(at) != kHardwareEthernet || load_be<uint16_t>(at + 2) != kEtherTypeIpv4 ||
      load_be<uint16_t>(at + 4) != kSizes)
    return std::nullopt;
  const auto operation = load_be<uint16_t>(at + 6);
  if (operation != kRequest && operation != kReply) return std::nullopt;
  return ArpPacket{.reply = operation == kReply,
                   .sender_mac = mac_at(at + 8),
                   .sender = ip_at(at + 14, false),
                   .target_mac = mac_at(at + 18),
                   .target = ip_at(at + 24, false)};
}

void write_arp(uint8_t* at, const ArpPacket& packet) noexcept {
  store_be(at, kHardwareEthernet);
  store_be(at + 2, kEtherTypeIpv4);
  store_be(at + 4, kSizes);
  store_be(at + 6, packet.reply ? kReply : kRequest);
  std::copy_n(packet.sender_mac.data(), 6, at + 8);
  std::copy_n(packet.sender.bytes.data(), 4, at + 14);
  std::copy_n(packet.target_mac.data(), 6, at + 18);
  std::copy_n(packet.target.bytes.data(), 4, at + 24);
}

}  // namespace pfs
