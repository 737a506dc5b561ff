#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "base/descriptor.hpp"
#include "base/endian.hpp"
#include "wire/extension.hpp"
#include "wire/sending/extents_shape.hpp"
#include "wire/session_units.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// Bytes of a run's tag and count.
constexpr uint32_t run_head_bytes(uint32_t count) noexcept { return count <= kShortRunMax ? 1 : 3; }

/// Bytes of a SYNC_MARK.
constexpr uint32_t sync_mark_bytes(bool crc) noexcept { return crc ? 5 : 3; }

/// Writes the tag and count of a run of `count` (1 to 65,536) references to run_head_bytes(count) bytes.
inline void store_run_head(uint8_t* at, Tier tier, uint32_t count) noexcept {
  const auto code = static_cast<uint8_t>(static_cast<uint32_t>(tier) << 6);
  at[0] = static_cast<uint8_t>(code | (count <= kShortRunMax ? count - 1 : kShortRunMax));
  if (count > kShortRunMax) store_be(at + 1, static_cast<uint16_t>(count - 1));
}

/// Writes `count` references where `reference(i)` says what the i-th is; the tier's width is settled outside the loop.
template <class Reference>
void store_references(uint8_t* at, Tier tier, uint32_t count, Reference reference) noexcept {
  switch (tier) {
    case Tier::kL1:
      for (uint32_t i = 0; i < count; ++i) at[i] = static_cast<uint8_t>(reference(i));
      break;
    case Tier::kL2:
      for (uint32_t i = 0; i < count; ++i) store_be(at + 2 * size_t{i}, static_cast<uint16_t>(reference(i)));
      break;
    case Tier::kL3:
      for (uint32_t i = 0; i < count; ++i) store_be(at + 4 * size_t{i}, static_cast<uint32_t>(reference(i)));
      break;
  }
}

/// Writes units one behind the other into a caller's span; walk_units() reads them back. Each call writes a whole unit,
/// or writes nothing and returns false (there is no room), so that the span always holds whole units.
class UnitWriter {
 public:
  explicit UnitWriter(std::span<uint8_t> out) noexcept : out_(out) {}

  [[nodiscard]] uint32_t used() const noexcept { return used_; }
  [[nodiscard]] std::span<const uint8_t> written() const noexcept { return out_.first(used_); }
  [[nodiscard]] uint32_t room() const noexcept { return static_cast<uint32_t>(out_.size()) - used_; }

  /// Writes a run of all `references` (1 to 65,536), each below 2^(8 * reference_bytes(tier)).
  bool run(Tier tier, std::span<const uint32_t> references) noexcept {
    const auto count = static_cast<uint32_t>(references.size());
    uint8_t* at = run(tier, count);
    if (at == nullptr) return false;
    store_references(at, tier, count, [&](uint32_t i) { return references[i]; });
    return true;
  }

  /// Writes the head of a run; the caller writes `count` references where the answer points (nullptr: there is no
  /// room).
  uint8_t* run(Tier tier, uint32_t count) noexcept {
    const uint32_t head = run_head_bytes(count);
    uint8_t* at = take(head + count * reference_bytes(tier));
    if (at == nullptr) return nullptr;
    store_run_head(at, tier, count);
    return at + head;
  }

  /// Writes EXTENTS whose arrays are packed already. `raw` is not looked at.
  bool extents(const ExtentsUnit& unit) noexcept;
  /// Writes EXTENTS of 1 to 256 ranges of the blob, whose shape is `shape`.
  bool extents(const ExtentsShape& shape, std::span<const Descriptor> ranges) noexcept;
  bool literal(std::span<const uint8_t> bytes) noexcept;  ///< up to 65,535 bytes
  bool gram(const GramUnit& unit) noexcept;
  bool gram_end(const GramEndUnit& unit) noexcept;
  bool result(const ResultUnit& unit) noexcept;  ///< up to 65,535 bytes
  /// Writes RESULT up to its bytes. `bytes` bytes belong where the answer points (nullptr: there is no room) and may
  /// lie there already. `unit.bytes` is not looked at.
  uint8_t* result_head(const ResultUnit& unit, uint16_t bytes) noexcept;
  bool extension(uint8_t tag, std::span<const uint8_t> bytes) noexcept;  ///< up to 65,535 bytes
  bool file(const FileUnit& unit) noexcept;                              ///< false also for a name that is not valid
  bool receipt(const ReceiptUnit& unit) noexcept;
  bool session(const SessionUnit& unit) noexcept;
  bool sync_mark(uint16_t window, bool has_crc, uint16_t crc) noexcept;
  bool sync_ack(uint16_t window) noexcept;
  bool ack(const AckUnit& unit) noexcept;
  bool end() noexcept;

  /// A stretch of missing frames: `count` of them from `first` on.
  struct Gap {
    uint32_t first = 0;
    uint32_t count = 1;  ///< 1 to 65,536
  };
  bool nack(std::span<const Gap> gaps) noexcept;  ///< 1 to 256 gaps

  bool carry(const CarryUnit& unit) noexcept;  ///< with zeros for its CRC, which seal_carried() sets
  bool sack(const SackUnit& unit) noexcept;    ///< false also for more words than kSackWordsMax
  bool hello(const Terms& unit) noexcept;
  bool welcome(const WelcomeUnit& unit) noexcept;
  bool bye(const ByeUnit& unit) noexcept;
  bool retry(const RetryUnit& unit) noexcept;
  bool probe(const ProbeUnit& unit) noexcept;
  /// Writes END and zeros until used() is `until`, or nothing where used() is that already.
  bool padding(uint32_t until) noexcept;

 private:
  uint8_t* take(uint32_t bytes) noexcept {
    if (bytes > room()) return nullptr;
    uint8_t* at = out_.data() + used_;
    used_ += bytes;
    return at;
  }
  uint8_t* tagged(Tag tag, uint32_t bytes) noexcept {
    uint8_t* at = take(1 + bytes);
    if (at == nullptr) return nullptr;
    *at = static_cast<uint8_t>(tag);
    return at + 1;
  }
  /// Writes tag and length of an extension or LITERAL; the place of its bytes, or nullptr if there is no room.
  uint8_t* sized(uint8_t tag, size_t bytes) noexcept;
  uint8_t* extents_head(const ExtentsUnit& unit, uint32_t packed) noexcept;

  std::span<uint8_t> out_;
  uint32_t used_ = 0;
};

}  // namespace pfs
