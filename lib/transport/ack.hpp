#pragma once

#include <array>
#include <cstdint>

namespace pfs::transport {

/// Nanoseconds of any clock that never goes back. The caller reads the clock.
using Time = uint64_t;
constexpr Time kNever = UINT64_MAX;
constexpr Time kMicrosecond = 1'000;
constexpr Time kMillisecond = 1'000'000;
constexpr Time kSecond = 1'000'000'000;

constexpr uint32_t kAckWords = 64;  ///< 64-bit words of an Ack's map, so one Ack tells of 4,096 frames beyond `next`

/// What both ends of a session know when it begins. A session's place is used again with another Opening.
struct Opening {
  uint32_t streams = 64;         ///< numbered from 0; no more than there are places for
  uint32_t first_seq = 0;        ///< sequence number that each stream begins with
  uint32_t frames = 256;         ///< of each stream that may be sent before the first Ack
  uint64_t bytes = 64ull << 20;  ///< denoted bytes, of all streams together, likewise
};

/// What a receiver tells the sender of one stream, and of the session as a whole.
struct Ack {
  uint16_t stream = 0;
  uint8_t path = 0;      ///< by which the frame came that this Ack answers
  uint8_t pressure = 0;  ///< how far memory and kernels behind the receiver are behind: 0 not at all, 255 all is full
  uint32_t next = 0;     ///< every frame of the stream before this sequence number is here
  uint32_t first = 0;    ///< sequence number of the map's first bit, beyond `next`
  uint32_t words = 0;    ///< of the map, that are used
  uint32_t frames = 0;   ///< beyond `next` that the receiver has places for
  uint64_t bytes = 0;    ///< denoted bytes, counted since the session began, up to which the sender may submit frames
  Time stamp = 0;        ///< the sender's own time in the answered frame; 0: this Ack answers none
  Time held = 0;         ///< how long the receiver kept that frame before it answered
  std::array<uint64_t, kAckWords> map{};  ///< bit i of word w: the frame first + 64 w + i is here
};

}  // namespace pfs::transport
