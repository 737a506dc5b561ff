#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/sha256.hpp"

namespace pfs {

/// Extension units of this implementation; WIRE.md, section 6, documents their bytes.
constexpr uint8_t kFileTag = 0xE1;     ///< FILE: the file that a gram is a part of; the gram's arg is its offset there
constexpr uint8_t kReceiptTag = 0xE2;  ///< RECEIPT: whether the receiver has verified a whole file
constexpr uint8_t kSessionTag = 0xE3;  ///< SESSION: a sender (re)started; its sequence numbers begin at this frame

constexpr uint32_t kFileNameMax = 255;  // bytes

/// Bytes behind the tag and the length of a unit.
constexpr uint32_t kFileFixedBytes = 8 + sizeof(Sha256Digest);  // and the name
constexpr uint32_t kReceiptFixedBytes = 1 + 8 + sizeof(Sha256Digest);
constexpr uint32_t kSessionFixedBytes = 8;

/// Bytes of a whole extension unit that has `bytes` behind its length.
constexpr uint32_t extension_bytes(uint32_t bytes) noexcept { return 1 + 2 + bytes; }

/// E1 FILE: u64 size, 32-byte SHA-256, then the name (1 to 255 bytes, no '/' and no NUL; the unit's length ends it).
struct FileUnit {
  uint64_t size = 0;
  Sha256Digest sha256{};
  std::string_view name;  ///< points into the frame
};

/// E2 RECEIPT: u8 status (0 verified, 1 failed), u64 size, 32-byte SHA-256 of the file, as FILE announced it.
struct ReceiptUnit {
  uint8_t status = 0;
  uint64_t size = 0;
  Sha256Digest sha256{};
};

/// E3 SESSION: u64 id, greater than any id the sender used before (nanoseconds since the epoch).
struct SessionUnit {
  uint64_t id = 0;
};

/// A name is one component of a path: it is joined to an output folder and must not lead out of it. So it is not `.`
/// or `..`, has 1 to 255 bytes, and holds neither '/' nor NUL.
bool valid_file_name(std::string_view name) noexcept;

/// These read the bytes behind the unit's length field; false if the bytes are not of the unit's form.
bool read_file(std::span<const uint8_t> bytes, FileUnit& out) noexcept;
bool read_receipt(std::span<const uint8_t> bytes, ReceiptUnit& out) noexcept;
bool read_session(std::span<const uint8_t> bytes, SessionUnit& out) noexcept;

}  // namespace pfs
