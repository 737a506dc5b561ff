#include "stages/session/path_config.hpp"

#include <gtest/gtest.h>

#include "../config/support.hpp"

namespace pfs {
namespace {

Result<std::vector<PathSetting>> paths(std::string_view text) {
  const Node node = yaml(std::string("[") + std::string(text) + "]");
  return read_paths(&node, "stage 'out'");
}

PathSetting path(std::string_view text) {
  auto all = paths(text);
  EXPECT_TRUE(all) << error_of(all);
  return all && !all->empty() ? all->front() : PathSetting{};
}

void expect_refused(std::string_view text, std::string_view why) {
  EXPECT_NE(error_of(paths(text)).find(why), std::string::npos) << text << "\n" << error_of(paths(text));
}

TEST(PathConfig, AnAbsentListHasNoPaths) { EXPECT_TRUE(read_paths(nullptr, "stage 'out'")->empty()); }

TEST(PathConfig, EthernetIsWhatAPathIsWithoutFurtherWords) {
  const PathSetting plain = path("{port: p0}");
  EXPECT_EQ(plain.port, "p0");
  EXPECT_EQ(plain.address.vlan, 0);
  EXPECT_FALSE(plain.address.udp);
  EXPECT_TRUE(plain.can_dial());
  const Port port{.name = "p0", .id = 7, .mac = {2, 0, 0, 0, 0, 1}, .peer = {2, 0, 0, 0, 0, 2}, .mtu = 1400};
  const session::PathAddress address = address_of(plain, port);
  EXPECT_EQ(address.port, 7);
  EXPECT_EQ(address.mac, port.mac);
  EXPECT_EQ(address.mtu, 1400u);
  EXPECT_EQ(address.peer, port.peer);
  const MacAddress named = {2, 0, 0, 0, 0, 3};
  EXPECT_EQ(address_of(path("{port: p0, remote: \"02:00:00:00:00:03\"}"), port).peer, named);
}

TEST(PathConfig, ATagIsReadWhereTheEncapsulationHasOne) {
  EXPECT_EQ(path("{port: p0, encap: vlan, vlan: 12}").address.vlan, 12);
  EXPECT_EQ(path("{port: p0, encap: udp, vlan: 12, local: 10.9.0.1/24}").address.vlan, 12);
  expect_refused("{port: p0, encap: vlan}", "has no 'vlan'");
  expect_refused("{port: p0, vlan: 12}", "write encap: vlan");
  expect_refused("{port: p0, encap: vlan, vlan: 4095}", "it may be 1 to 4094");
  expect_refused("{port: p0, encap: vlan, vlan: 0}", "it may be 1 to 4094");
}

TEST(PathConfig, UdpHasAddressesAndAWay) {
  const auto udp =
      path("{port: p0, encap: udp, local: 10.9.0.1/24, remote: 10.8.0.2, gateway: 10.9.0.254, ttl: 3}").address;
  ASSERT_TRUE(udp.udp);
  EXPECT_EQ(udp.udp->local, *parse_prefix("10.9.0.1/24"));
  EXPECT_EQ(udp.udp->remote, parse_ip("10.8.0.2"));
  EXPECT_EQ(udp.udp->next_hop(), parse_ip("10.9.0.254"));
  EXPECT_EQ(udp.udp->hop_limit, 3);
  EXPECT_FALSE(udp.kernel);
  EXPECT_EQ(path("{port: p0, encap: udp, local: fd00::1/64, remote: fd00::2}").address.udp->hop_limit, 64);
  EXPECT_TRUE(
      path("{port: p0, encap: udp, local: \"fd00::1/64\", remote: \"fd01::2\", gateway: \"fe80::1\"}").can_dial());
  EXPECT_TRUE(path("{port: p0, encap: udp, local: 10.9.0.1/24, neighbours: kernel}").address.kernel);
}

TEST(PathConfig, AStaticNextHopNeedsNoGateway) {
  const auto udp =
      path("{port: p0, encap: udp, local: 10.9.0.1, remote: 10.8.0.2, mac: \"02:00:00:00:00:03\"}").address;
  const MacAddress named = {2, 0, 0, 0, 0, 3};
  EXPECT_EQ(udp.peer, named);
}

TEST(PathConfig, APlaceWithoutARemoteIsForOthersToCall) {
  EXPECT_FALSE(path("{port: p0, encap: udp, local: 10.9.0.1/24}").can_dial());
  expect_refused("{port: p0, encap: udp, local: 10.9.0.1/24, gateway: 10.9.0.254}", "which has no remote");
  expect_refused("{port: p0, encap: udp, local: 10.9.0.1/24, ttl: 9}", "which has no remote");
}

TEST(PathConfig, WhatCannotWorkIsRefusedWithItsPlaceAndARemedy) {
  expect_refused("{encap: ethernet}", "path 0 of stage 'out' has no 'port'");
  expect_refused("{port: p0, encap: ip}", "it may be ethernet, vlan, udp");
  expect_refused("{port: p0, encap: udp}", "has no 'local'");
  expect_refused("{port: p0, encap: udp, local: 10.9.0.1/33}", "write 10.9.0.1/24 or fd00::1/64");
  expect_refused("{port: p0, encap: udp, local: 224.0.0.1}", "not an address of this end");
  expect_refused("{port: p0, encap: udp, local: 10.9.0.1/24, remote: 255.255.255.255}", "of one machine");
  expect_refused("{port: p0, encap: udp, local: 10.9.0.1/24, remote: fd00::1}", "both must be IPv4, or both IPv6");
  expect_refused("{port: p0, encap: udp, local: 10.9.0.1/24, remote: 10.9.0.1}", "is its own address");
  expect_refused("{port: p0, encap: udp, local: 10.9.0.1/24, remote: 10.8.0.2}", "add gateway");
  expect_refused("{port: p0, encap: udp, local: 10.9.0.1/24, remote: 10.8.0.2, gateway: 10.7.0.1}",
                 "give a router of 10.9.0.1/24");
  expect_refused("{port: p0, remote: 10.8.0.2}", "not a MAC address");
  expect_refused("{port: p0, local: 10.9.0.1/24}", "write encap: udp");
  expect_refused("{port: p0, encap: udp, local: 10.9.0.1/24, neighbors: own}", "did you mean 'neighbours'?");
  expect_refused("{port: p0}, {port: p0, encap: vlan}", "path 1 of stage 'out'");
  expect_refused("17", "path 0 of stage 'out' is '17', not a map");
}

}  // namespace
}  // namespace pfs
