#pragma once

#include <algorithm>
#include <cstring>
#include <span>

#include "base/endian.hpp"
#include "base/mac_address.hpp"
#include "session/endpoint.hpp"
#include "wire/ethernet.hpp"

// To the stages behind it a session is a link of its own: each frame that came by one has an Ethernet header in front
// whose source address names the session, whatever headers the frame had on its way. So an assembler keeps sessions
// apart as it keeps peers apart, and an answer, which goes to the source of its question, finds its session again.
namespace pfs {

constexpr uint16_t kSessionEtherType = 0x1338;  // never on a wire

/// Writes the 14 bytes of that header.
inline void write_session_header(uint8_t* at, session::SessionId id) noexcept {
  std::memset(at, 0, 6);
  at[6] = 2;  // an address that nobody has registered
  at[7] = 0;
  store_be(at + 8, id);
  store_be(at + 12, kSessionEtherType);
}

/// The session to whose peer a built frame goes; kNoSession if the frame's header names none.
inline session::SessionId session_of(const uint8_t* header) noexcept {
  if (load_be<uint16_t>(header + 12) != kSessionEtherType) return session::kNoSession;
  return load_be<uint32_t>(header + 2);
}

}  // namespace pfs
