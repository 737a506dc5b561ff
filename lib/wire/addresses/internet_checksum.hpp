#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pfs {

/// The ones' complement sum of 16-bit words that IPv4, UDP and ICMP use (RFC 1071). The words are added in the
/// machine's own order of bytes, four bytes at a time, and only the result is turned: the sum does not mind.
class InternetChecksum {
 public:
  /// Bytes of the packet. Only the last piece may be of odd length: its last byte is the high half of a word.
  void add(const uint8_t* data, size_t bytes) noexcept {
    for (; bytes >= 4; bytes -= 4, data += 4) {
      uint32_t word = 0;
      std::memcpy(&word, data, 4);
      sum_ += word;
    }
    if (bytes == 0) return;
    uint32_t word = 0;
    std::memcpy(&word, data, bytes);
    sum_ += word;
  }
  void add(uint16_t word) noexcept { sum_ += turned(word); }

  /// Of everything added so far, not inverted. 0xFFFF where a correct checksum was among it.
  [[nodiscard]] uint16_t sum() const noexcept {
    uint64_t folded = sum_;
    while (folded >> 16 != 0) folded = (folded & 0xFFFF) + (folded >> 16);
    return turned(static_cast<uint16_t>(folded));
  }
  [[nodiscard]] uint16_t checksum() const noexcept { return static_cast<uint16_t>(~sum()); }

 private:
  static constexpr uint16_t turned(uint16_t word) noexcept {
    return std::endian::native == std::endian::big ? word : static_cast<uint16_t>(word << 8 | word >> 8);
  }
  uint64_t sum_ = 0;  // holds more words than any packet has
};

}  // namespace pfs
