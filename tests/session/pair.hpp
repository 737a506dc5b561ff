#pragma once

#include <gtest/gtest.h>

#include "bed.hpp"

namespace pfs::session {

/// Two nodes with an open session, which `a` has dialled; `other` is what `b` calls it.
struct Pair {
  explicit Pair(uint8_t ports = 1, EndpointConfig first = small_config(1), EndpointConfig second = small_config(2))
      : a(bed.add(first)), b(bed.add(second)) {
    session = a.dial(1, bed.now, ports);
    EXPECT_TRUE(bed.run(transport::kSecond, [&] { return b.opened.size() == 1 && a.endpoint.room(session, 0) != 0; }));
    other = b.opened.empty() ? kNoSession : b.opened[0];
    bed.run(transport::kSecond / 10);
  }
  Bed bed;
  Node &a, &b;
  SessionId session = kNoSession, other = kNoSession;
};

/// Submits `count` frames as room comes, and sees them acknowledged.
inline bool transfer(Pair& pair, uint32_t count, Time within, uint32_t bytes = 0) {
  uint32_t left = count;
  const uint64_t goal = pair.a.arrived + count;
  return pair.bed.run(within, [&] {
    while (left != 0 && pair.a.submit(pair.session, left % 4, bytes)) --left;
    return pair.a.arrived == goal;
  });
}

}  // namespace pfs::session
