#pragma once

#include <cstdint>
#include <vector>

#include "transport/ack.hpp"
#include "wire/addresses/too_big.hpp"

namespace pfs::session {

using transport::Time;

/// What routers said of the longest IP packet towards each destination in use. A place is made only for destinations
/// that the owner asks about, so that forged messages fill nothing; and as RFC 1191 and RFC 8201 have it, nothing makes
/// a path shorter than every link must carry, and what was told is forgotten after ten minutes.
class PathMtus {
 public:
  static constexpr uint32_t kLeastV4 = 576;
  static constexpr uint32_t kLeastV6 = 1280;
  static constexpr Time kLifetime = 600 * transport::kSecond;

  explicit PathMtus(uint32_t destinations) { entries_.reserve(destinations); }

  /// Bytes of IP packet that go to `destination` by a port of this MTU, as far as is known.
  uint32_t towards(const IpAddress& destination, uint32_t port_mtu, Time now) noexcept;

  /// True if the message is about a destination in use and makes its path shorter.
  bool on_too_big(const TooBig& message, Time now) noexcept;

 private:
  struct Entry {
    IpAddress destination;
    uint32_t mtu = 0;  // 0: nobody said anything
    Time told = 0;
    Time used = 0;
  };
  std::vector<Entry> entries_;
};

}  // namespace pfs::session
