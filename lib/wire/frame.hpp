#pragma once

#include <cstdint>
#include <span>

#include "base/endian.hpp"
#include "wire/drop.hpp"

namespace pfs {

constexpr uint16_t kEtherType = 0x1337;
constexpr uint16_t kUdpPort = 4919;
constexpr uint8_t kFrameTag = 0xE0;
constexpr uint8_t kVersion = 1;
constexpr uint32_t kFrameHeaderBytes = 16;

/// Frame flags (low nibble of byte 1).
constexpr uint8_t kFlagFirst = 1;
constexpr uint8_t kFlagLast = 2;
constexpr uint8_t kFlagCrc = 4;
constexpr uint8_t kFlagPrp = 8;

/// The 16-byte frame header (WIRE.md section 3), in host order.
struct FrameHeader {
  uint8_t flags = 0;
  uint16_t stream = 0;
  uint32_t seq = 0;
  uint32_t gram = 0;
  uint16_t frag = 0;
  uint16_t length = 0;  ///< bytes of units behind the header
};

/// A payload split into header and units. A `bare` payload has no header: all of it is units.
struct Frame {
  FrameHeader header;
  bool bare = false;
  const uint8_t* units = nullptr;
  const uint8_t* end = nullptr;  ///< behind the last unit; padding may follow
};

/// Loads the header from 16 bytes that are there, whatever its version.
inline FrameHeader load_header(const uint8_t* at) noexcept {
  return {.flags = static_cast<uint8_t>(at[1] & 15),
          .stream = load_be<uint16_t>(at + 2),
          .seq = load_be<uint32_t>(at + 4),
          .gram = load_be<uint32_t>(at + 8),
          .frag = load_be<uint16_t>(at + 12),
          .length = load_be<uint16_t>(at + 14)};
}

/// Reads the header of a payload (the bytes behind the EtherType). Sets `out` and returns kNone, or returns kTruncated
/// or kBadVersion.
inline Drop read_frame(const uint8_t* payload, uint32_t bytes, Frame& out) noexcept {
  if (bytes == 0) return Drop::kTruncated;
  if (payload[0] != kFrameTag) {
    out = Frame{.bare = true, .units = payload, .end = payload + bytes};
    return Drop::kNone;
  }
  if (bytes < kFrameHeaderBytes) return Drop::kTruncated;
  if (payload[1] >> 4 != kVersion) return Drop::kBadVersion;
  const uint16_t length = load_be<uint16_t>(payload + 14);
  if (length > bytes - kFrameHeaderBytes) return Drop::kTruncated;
  out.header = load_header(payload);
  out.bare = false;
  out.units = payload + kFrameHeaderBytes;
  out.end = out.units + length;
  return Drop::kNone;
}

/// Writes the header to 16 bytes at `at`.
inline void write_frame(uint8_t* at, const FrameHeader& header) noexcept {
  at[0] = kFrameTag;
  at[1] = static_cast<uint8_t>(kVersion << 4 | header.flags);
  store_be(at + 2, header.stream);
  store_be(at + 4, header.seq);
  store_be(at + 8, header.gram);
  store_be(at + 12, header.frag);
  store_be(at + 14, header.length);
}

}  // namespace pfs
