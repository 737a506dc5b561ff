#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/crc16/crc16.hpp"

namespace pfs {

/// A stream's open window as its receiver sees it (WIRE.md section 4). It is a plain value: a receiver works on a copy
/// while it judges a frame, and keeps the copy if the frame holds, so that a faulty frame changes nothing.
class Window {
 public:
  enum class Verdict : uint8_t {
    kVerified,   ///< every reference was here and the CRC holds
    kUnchecked,  ///< every reference was here, but the mark carries no CRC
    kBroken,     ///< references are missing; nothing can be said
    kMismatch,   ///< every reference was here and the CRC does not hold
  };

  /// Takes the packed references of a run, or all of EXTENTS behind its tag.
  void references(const uint8_t* data, size_t bytes) noexcept { crc_ = crc16_ccitt(crc_, data, bytes); }

  /// A frame of this stream is missing: the open window cannot be verified.
  void lose() noexcept { whole_ = false; }

  /// Takes a SYNC_MARK: says how the window ended and opens the next one, which is whole again.
  Verdict close(uint16_t id, bool has_crc, uint16_t crc) noexcept;

  [[nodiscard]] uint16_t id() const noexcept { return id_; }
  [[nodiscard]] uint16_t crc() const noexcept { return crc_; }

 private:
  uint16_t id_ = 0;
  uint16_t crc_ = kCrc16Start;
  bool whole_ = true;
};

inline Window::Verdict Window::close(uint16_t id, bool has_crc, uint16_t crc) noexcept {
  Verdict verdict = Verdict::kVerified;
  if (!whole_ || id != id_) {
    verdict = Verdict::kBroken;  // the id is not the expected one: a mark is missing, and the references before it
  } else if (!has_crc) {
    verdict = Verdict::kUnchecked;
  } else if (crc != crc_) {
    verdict = Verdict::kMismatch;
  }
  id_ = static_cast<uint16_t>(id + 1);
  crc_ = kCrc16Start;
  whole_ = true;
  return verdict;
}

}  // namespace pfs
