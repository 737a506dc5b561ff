#pragma once

#include <cstdint>
#include <span>

#include "wire/tier.hpp"

namespace pfs {

constexpr uint32_t kShortRunMax = 63;    ///< references in a run whose count fits the tag
constexpr uint32_t kRunMax = 65536;      ///< references in any run
constexpr uint32_t kExtentsMax = 256;    ///< extents in one EXTENTS unit
constexpr uint32_t kOffsetBitsMax = 64;  ///< EXTENTS: widest packed delta
constexpr uint32_t kLengthBitsMax = 32;  ///< EXTENTS: widest packed length

/// Control tags (WIRE.md section 2).
enum class Tag : uint8_t {
  kEnd = 0xC0,
  kExtents = 0xC1,
  kLiteral = 0xC2,
  kGram = 0xD0,
  kGramEnd = 0xD1,
  kResult = 0xD2,
  kExtensionFirst = 0xE1,
  kExtensionLast = 0xEF,
  kSyncMark = 0xF0,
  kSyncAck = 0xF1,
  kNack = 0xF2,
  kAck = 0xF3,
};

/// Bytes behind the tag.
constexpr uint32_t kExtentsFixedBytes = 23;
constexpr uint32_t kGramBytes = 23;
constexpr uint32_t kGramEndBytes = 23;
constexpr uint32_t kResultFixedBytes = 17;
constexpr uint32_t kAckBytes = 8;

enum class DigestKind : uint8_t { kNone = 0, kFnv1a64 = 1, kCrc32c = 2, kCrc64 = 3 };

/// A run before its references are judged. The references lie where they arrived.
struct RunUnit {
  Tier tier = Tier::kL1;
  uint32_t count = 0;
  const uint8_t* references = nullptr;  ///< big-endian, reference_bytes(tier) each
};

/// EXTENTS before its items are judged. The packed arrays lie where they arrived; `raw` is everything behind the tag,
/// over which a window's CRC runs.
struct ExtentsUnit {
  uint32_t count = 0;        ///< 1 to 256
  uint32_t offset_bits = 0;  ///< 0 to 64
  uint32_t length_bits = 0;  ///< 0 to 32
  uint64_t base = 0;
  uint64_t step = 0;  ///< an i64 on the wire; all sums are modulo 2^64
  uint32_t shortest = 0;
  std::span<const uint8_t> deltas;   ///< (count - 1) values of offset_bits, LSB-first
  std::span<const uint8_t> lengths;  ///< count values of length_bits, LSB-first
  std::span<const uint8_t> raw;
};

struct GramUnit {
  uint8_t op = 0;
  uint16_t flags = 0;
  uint32_t blob = 0;  ///< low 32 bits of the blob's id
  uint64_t arg = 0;
  uint64_t total = 0;  ///< bytes the gram denotes; 0: unknown yet
};

struct GramEndUnit {
  uint8_t digest_kind = 0;
  uint16_t frames = 0;
  uint32_t descriptors = 0;  ///< counted per frame, after merging
  uint64_t bytes = 0;
  uint64_t digest = 0;
};

struct ResultUnit {
  uint8_t op = 0;
  uint16_t status = 0;
  uint32_t gram = 0;
  uint64_t value = 0;
  std::span<const uint8_t> bytes;
};

struct AckUnit {
  uint32_t next = 0;    ///< every frame before this one is here
  uint32_t credit = 0;  ///< frames beyond it that may be in flight
};

}  // namespace pfs
