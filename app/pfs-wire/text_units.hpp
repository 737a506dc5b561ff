#pragma once

#include <cstdint>
#include <span>

#include "denoter.hpp"
#include "wire/receiving/window.hpp"

namespace pfs {

/// A stream's open window, as far as the captured frames tell.
struct TextWindow {
  Window window;
  uint32_t next_seq = 0;
  bool known = false;  ///< a frame of the stream has been seen
  bool lost = false;   ///< references of the open window are missing
};

/// The visitor that prints each unit as it is walked: the offset of its tag in the payload, its fields, its references,
/// and the ranges that it adds, which the Denoter finds as it does for JSON. The members may run out of memory, and
/// since the walk is noexcept, the program ends then.
class TextUnits {
 public:
  /// The units start at `offset` in the payload. `prp` says that L3 references are permuted.
  TextUnits(Denoter& denoter, TextWindow& window, size_t offset, bool prp)
      : denoter_(denoter), window_(window), next_(offset), prp_(prp) {}

  Drop run(Tier tier, const uint8_t* references, uint32_t count);
  Drop extents(const ExtentsUnit& unit);
  Drop literal(std::span<const uint8_t> bytes);
  Drop gram(const GramUnit& unit);
  Drop gram_end(const GramEndUnit& unit);
  Drop result(const ResultUnit& unit);
  Drop extension(uint8_t tag, std::span<const uint8_t> bytes);
  Drop sync_mark(uint16_t window, bool has_crc, uint16_t crc);
  Drop sync_ack(uint16_t window);
  Drop ack(const AckUnit& unit);
  Drop nack(const uint8_t* items, uint32_t count);

  /// The offset at which the walk stopped: of the unit whose items are at fault, or behind the last good unit.
  [[nodiscard]] size_t stopped_at() const noexcept { return faulty_ ? at_ : next_; }

 private:
  /// Notes that a unit of `bytes`, tag included, begins, and returns its offset.
  size_t unit(size_t bytes) noexcept;
  void print_references(Tier tier, const uint8_t* references, uint32_t count) const;
  /// Prints the ranges that the unit added or lengthened, unless it is at fault; gives `drop` back.
  Drop print_ranges(Drop drop);

  Denoter& denoter_;
  TextWindow& window_;
  size_t at_ = 0;             ///< offset of the unit at hand
  size_t next_;               ///< offset of the unit behind that one
  size_t denoted_ = 0;        ///< ranges known before the unit at hand
  uint64_t last_length_ = 0;  ///< length of the last of these ranges, in bytes
  bool prp_;
  bool faulty_ = false;
};

}  // namespace pfs
