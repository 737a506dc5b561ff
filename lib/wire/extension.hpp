#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/sha256.hpp"

namespace pfs {

/// Extension units of this implementation; WIRE.md, section 6, documents their bytes.
constexpr uint8_t kFileTag = 0xE1;     ///< FILE: the file that a gram is a part of; the gram's arg is its offset there
constexpr uint8_t kReceiptTag = 0xE2;  ///< RECEIPT: the receiver's word on a whole file
constexpr uint8_t kSessionTag = 0xE3;  ///< SESSION: a sender (re)started; its sequence numbers begin at this frame

constexpr uint32_t kFileNameMax = 255;

/// E1 FILE: u64 size, 32-byte SHA-256, then the name (1 to 255 bytes, no '/' and no NUL; the unit's length ends it).
struct FileUnit {
  uint64_t size = 0;
  Sha256Digest sha256{};
  std::string_view name;  ///< points into the frame
};

/// E2 RECEIPT: u8 status (0 verified, 1 failed), u64 size, 32-byte SHA-256 of the file it speaks of.
struct ReceiptUnit {
  uint8_t status = 0;
  uint64_t size = 0;
  Sha256Digest sha256{};
};

/// E3 SESSION: u64 id, greater than any id the sender used before (nanoseconds since the epoch).
struct SessionUnit {
  uint64_t id = 0;
};

/// Readers take the bytes behind the unit's length field; false if they are not of the form above.
bool read_file(std::span<const uint8_t> bytes, FileUnit& out) noexcept;
bool read_receipt(std::span<const uint8_t> bytes, ReceiptUnit& out) noexcept;
bool read_session(std::span<const uint8_t> bytes, SessionUnit& out) noexcept;

/// Writers write the whole unit, tag and length included, and return its bytes; 0 if `out` is too small.
uint32_t write_file(std::span<uint8_t> out, const FileUnit& unit) noexcept;
uint32_t write_receipt(std::span<uint8_t> out, const ReceiptUnit& unit) noexcept;
uint32_t write_session(std::span<uint8_t> out, const SessionUnit& unit) noexcept;

}  // namespace pfs
