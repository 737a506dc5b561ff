#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "session/neighbours/neighbours.hpp"
#include "wire/addresses/arp.hpp"
#include "wire/ethernet.hpp"

namespace pfs::session {

inline IpAddress ip(const char* text) { return *parse_ip(text); }

constexpr MacAddress kOurMac = {2, 0, 0, 0, 0, 1};
constexpr MacAddress kTheirMac = {2, 0, 0, 0, 0, 2};
constexpr MacAddress kOtherMac = {2, 0, 0, 0, 0, 3};

/// The other machine of a test, which writes with the same hand as we do.
struct Machine {
  OwnAddress own;

  [[nodiscard]] NeighbourFrame request(const IpAddress& target) const {
    NeighbourFrame out;
    write_request(own, target, std::nullopt, out);
    return out;
  }
  /// Its answer to a request for its address; an announcement if nobody asked.
  [[nodiscard]] NeighbourFrame answer(const IpAddress& asker, const MacAddress& asker_mac) const {
    NeighbourFrame out;
    write_answer(own, {.target = own.ip, .mac = asker_mac, .from = asker, .from_mac = asker_mac}, out);
    return out;
  }
};

inline std::vector<NeighbourFrame> all_of(Neighbours& neighbours, Time now) {
  std::vector<NeighbourFrame> all;
  for (NeighbourFrame frame; neighbours.next(now, frame);) all.push_back(frame);
  return all;
}

inline MacAddress destination(const NeighbourFrame& frame) {
  MacAddress mac{};
  std::copy_n(frame.bytes.begin(), 6, mac.begin());
  return mac;
}

inline NeighbourMessage read(const NeighbourFrame& frame) {
  NeighbourMessage message;
  EXPECT_EQ(read_neighbour_frame(frame.frame(), *read_link_header(frame.frame()), message), Drop::kNone);
  return message;
}

}  // namespace pfs::session
