#include "stages/session/kernel_table.hpp"

#include <gtest/gtest.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <cstring>

#include "../config/support.hpp"

namespace pfs {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr MacAddress kMac = {2, 0, 0, 0, 0, 9};

void append_attribute(Bytes& message, uint16_t type, std::span<const uint8_t> value) {
  const rtattr header{.rta_len = static_cast<uint16_t>(RTA_LENGTH(value.size())), .rta_type = type};
  const auto* bytes = reinterpret_cast<const uint8_t*>(&header);
  message.insert(message.end(), bytes, bytes + sizeof header);
  message.insert(message.end(), value.begin(), value.end());
  message.resize(NLMSG_ALIGN(message.size()));
}

/// A neighbour as the kernel tells of it.
Bytes told(uint32_t interface, const char* ip, uint16_t state, const MacAddress& mac = kMac) {
  const IpAddress address = *parse_ip(ip);
  Bytes message(NLMSG_LENGTH(sizeof(ndmsg)));
  append_attribute(message, NDA_DST, address.packed());
  append_attribute(message, NDA_LLADDR, mac);
  const nlmsghdr header{.nlmsg_len = static_cast<uint32_t>(message.size()), .nlmsg_type = RTM_NEWNEIGH};
  const ndmsg body{.ndm_ifindex = static_cast<int>(interface), .ndm_state = state};
  std::memcpy(message.data(), &header, sizeof header);
  std::memcpy(message.data() + NLMSG_HDRLEN, &body, sizeof body);
  return message;
}

KernelNeighbour heard(const Bytes& piece, uint32_t interface, const char* ip) {
  KernelNeighbour wanted{.interface = interface, .ip = *parse_ip(ip)};
  EXPECT_TRUE(read_neighbours(piece, std::span(&wanted, 1)));
  return wanted;
}

TEST(KernelTable, ANeighbourIsFoundByInterfaceAndAddress) {
  Bytes piece = told(3, "10.9.0.7", NUD_REACHABLE);
  const Bytes other = told(4, "fd00::7", NUD_STALE, {2, 0, 0, 0, 0, 8});
  piece.insert(piece.end(), other.begin(), other.end());
  EXPECT_EQ(heard(piece, 3, "10.9.0.7").mac, kMac);
  EXPECT_TRUE(heard(piece, 3, "10.9.0.7").confirmed);
  EXPECT_TRUE(heard(piece, 4, "fd00::7").mac);
  EXPECT_FALSE(heard(piece, 4, "fd00::7").confirmed) << "stale";
  EXPECT_FALSE(heard(piece, 3, "fd00::7").mac) << "another interface";
  EXPECT_FALSE(heard(piece, 3, "10.9.0.8").mac);
}

TEST(KernelTable, ANeighbourThatDidNotAnswerIsNotKnown) {
  for (const uint16_t state : {NUD_FAILED, NUD_INCOMPLETE, NUD_NONE})
    EXPECT_FALSE(heard(told(3, "10.9.0.7", state), 3, "10.9.0.7").mac) << state;
  for (const uint16_t state : {NUD_PERMANENT, NUD_DELAY, NUD_PROBE, NUD_NOARP})
    EXPECT_TRUE(heard(told(3, "10.9.0.7", state), 3, "10.9.0.7").mac) << state;
}

TEST(KernelTable, TheEndOfADumpIsSeen) {
  const nlmsghdr done{.nlmsg_len = NLMSG_LENGTH(0), .nlmsg_type = NLMSG_DONE};
  const auto* bytes = reinterpret_cast<const uint8_t*>(&done);
  EXPECT_FALSE(read_neighbours({bytes, sizeof done}, {}));
  EXPECT_TRUE(read_neighbours({}, {}));
}

TEST(KernelTable, TheKernelsOwnTableIsReadAndAnInterfaceThatIsNotThereIsRefused) {
  auto table = KernelTable::open({{.interface = if_nametoindex("lo"), .ip = *parse_ip("127.0.0.9")},
                                  {.interface = if_nametoindex("lo"), .ip = *parse_ip("::9")}},
                                 "t.yaml:1");
  ASSERT_TRUE(table) << error_of(table);
  for (int i = 0; i < 3; ++i) (*table)->refresh();
  EXPECT_FALSE((*table)->find(1));
  const auto none = KernelTable::open({{.interface = 0, .ip = *parse_ip("10.9.0.7")}}, "t.yaml:1");
  EXPECT_EQ(error_of(none),
            "t.yaml:1: the kernel has no interface by which it could know 10.9.0.7; write neighbours: "
            "own, or mac: the next hop's");
}

}  // namespace
}  // namespace pfs
