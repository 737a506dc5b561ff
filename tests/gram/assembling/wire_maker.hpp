#pragma once

// Frames made by hand, byte by byte, so that the assembler is not tested against the encoder of the same house.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/descriptor.hpp"

namespace pfs::test {

using Bytes = std::vector<uint8_t>;

constexpr uint32_t kBlobId = 0xB10B;  // of the blob that the rigs have

/// CRC16-CCITT-FALSE, bit by bit.
inline uint16_t crc16(const Bytes& data, uint16_t crc = 0xFFFF) {
  for (const uint8_t byte : data) {
    crc = static_cast<uint16_t>(crc ^ byte << 8);
    for (int bit = 0; bit < 8; ++bit) crc = static_cast<uint16_t>((crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1);
  }
  return crc;
}

/// Units of one frame, in the order they are called. Keeps the references' bytes for the window's CRC.
class Units {
 public:
  Units& put(uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) wire.push_back(i < 8 ? static_cast<uint8_t>(value >> (8 * i)) : uint8_t{0});
    return *this;
  }
  Units& run(int tier, const std::vector<uint32_t>& refs) {
    if (refs.size() < 64) {
      put(static_cast<uint64_t>(tier) << 6 | (refs.size() - 1), 1);
    } else {
      put(static_cast<uint64_t>(tier) << 6 | 63, 1).put(refs.size() - 1, 2);
    }
    const size_t from = wire.size();
    for (const uint32_t ref : refs) put(ref, 1 << tier);
    references.insert(references.end(), wire.begin() + static_cast<ptrdiff_t>(from), wire.end());
    count += refs.size();
    return *this;
  }
  /// EXTENTS of 16-bit packed deltas and lengths.
  Units& extents(uint64_t base, int64_t step, uint32_t shortest, const std::vector<uint16_t>& deltas,
                 const std::vector<uint16_t>& lengths) {
    put(0xC1, 1);
    const size_t from = wire.size();
    put(lengths.size() - 1, 1).put(16, 1).put(16, 1).put(base, 8).put(static_cast<uint64_t>(step), 8).put(shortest, 4);
    for (const uint16_t value : deltas) put(value & 255, 1).put(value >> 8, 1);
    for (const uint16_t value : lengths) put(value & 255, 1).put(value >> 8, 1);
    references.insert(references.end(), wire.begin() + static_cast<ptrdiff_t>(from), wire.end());
    count += lengths.size();
    return *this;
  }
  Units& literal(const Bytes& data) {
    put(0xC2, 1).put(data.size(), 2);
    wire.insert(wire.end(), data.begin(), data.end());
    return *this;
  }
  Units& gram(uint8_t op = 0, uint64_t arg = 0, uint32_t blob = kBlobId) {
    return put(0xD0, 1).put(op, 1).put(0, 2).put(blob, 4).put(arg, 8).put(0, 8);
  }
  Units& gram_end(uint16_t frames = 1, uint32_t descriptors = 0, uint64_t bytes = 0) {
    return put(0xD1, 1).put(0, 1).put(frames, 2).put(descriptors, 4).put(bytes, 8).put(0, 8);
  }
  Units& mark(uint16_t window, uint16_t crc) { return put(0xF0, 1).put(window, 2).put(crc, 2); }
  Units& mark_without_crc(uint16_t window) { return put(0xF0, 1).put(window, 2); }
  Units& result(uint32_t gram, uint64_t value) {
    return put(0xD2, 1).put(3, 1).put(0, 2).put(gram, 4).put(value, 8).put(0, 2);
  }
  Units& ack(uint32_t next, uint32_t credit) { return put(0xF3, 1).put(next, 4).put(credit, 4); }
  Units& nack(uint32_t first) { return put(0xF2, 1).put(0, 1).put(first, 4).put(0, 2); }
  Units& session(uint64_t id) { return put(0xE3, 1).put(8, 2).put(id, 8); }
  Units& receipt(uint8_t status, uint64_t size) {
    put(0xE2, 1).put(41, 2).put(status, 1).put(size, 8);
    for (int i = 0; i < 32; ++i) put(static_cast<uint64_t>(i), 1);
    return *this;
  }
  Units& file(uint64_t size, std::string_view name) {
    put(0xE1, 1).put(40 + name.size(), 2).put(size, 8);
    for (int i = 0; i < 32; ++i) put(static_cast<uint64_t>(i), 1);
    wire.insert(wire.end(), name.begin(), name.end());
    return *this;
  }

  Bytes wire;
  Bytes references;
  uint64_t count = 0;
};

constexpr uint8_t kCrcOn = 4;
constexpr uint8_t kPrpOn = 8;

struct Place {
  uint32_t seq = 0;
  uint32_t gram = 0;
  uint16_t frag = 0;
  uint16_t stream = 0;
  uint8_t flags = kCrcOn;
};

inline Bytes frame(const Place& place, const Units& units) {
  Units out;
  out.put(0xE0, 1).put(0x10u | place.flags, 1).put(place.stream, 2).put(place.seq, 4).put(place.gram, 4);
  out.put(place.frag, 2).put(units.wire.size(), 2);
  out.wire.insert(out.wire.end(), units.wire.begin(), units.wire.end());
  return out.wire;
}

/// A whole gram in one frame: one L3 run.
inline Bytes small_gram(uint32_t seq, uint32_t gram, uint16_t stream = 0) {
  return frame({.seq = seq, .gram = gram, .stream = stream}, Units().gram().run(2, {gram % 64}).gram_end());
}

}  // namespace pfs::test
