#pragma once

#include <array>
#include <cstdint>

#include "base/sha256.hpp"
#include "session/address.hpp"
#include "transport/ack.hpp"

namespace pfs::session {

/// Numbers that a stranger cannot guess, from the process's secret by SHA-256. A cookie proves that whoever brings it
/// back receives at the address that it was sent to, and costs no memory until then.
class Cookies {
 public:
  Cookies(const std::array<uint8_t, 16>& secret, uint64_t boot) : secret_(secret), boot_(boot) {}

  /// What RETRY to this address carries for the opening with this nonce; never 0.
  uint64_t make(const Address& to, uint64_t nonce, transport::Time now) noexcept;
  /// True if make() gave this cookie less than 8 s ago (16 s at most).
  bool holds(uint64_t cookie, const Address& from, uint64_t nonce, transport::Time now) noexcept;
  /// Another number each time, for nonces and the first numbers of sessions; never 0.
  uint64_t draw() noexcept;

 private:
  enum class Use : uint64_t { kCookie, kDraw };
  uint64_t number(Use use, const Address& address, uint64_t a, uint64_t b) noexcept;

  std::array<uint8_t, 16> secret_;
  uint64_t boot_;
  uint64_t drawn_ = 0;
  Sha256 sha256_;
};

}  // namespace pfs::session
