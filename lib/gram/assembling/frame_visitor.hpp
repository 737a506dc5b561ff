#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "blob/view.hpp"
#include "gram/gram.hpp"
#include "wire/drop.hpp"
#include "wire/extension.hpp"
#include "wire/frame.hpp"
#include "wire/receiving/denote.hpp"
#include "wire/receiving/window.hpp"

namespace pfs {

/// Why a walk ended early although the frame may be good. The caller makes room and walks again.
enum class Stop : uint8_t {
  kNone,
  kNewSession,  ///< a SESSION newer than the stream's
  kPoolDry,     ///< GRAM, but no gram to open it in
};

/// Where a frame's GRAM unit gets its gram; null where the pool is dry.
class GramSource {
 public:
  virtual Gram* spare() noexcept = 0;

 protected:
  ~GramSource() = default;
};

/// A visitor for walk_units() that works out what one frame would do to its stream and its gram. The outcome is kept
/// here, or in the gram behind the gram's counts, until the caller knows that the frame holds; restore() undoes it.
///
/// There are three ways to walk: into a gram (`target` set, or opened by a GRAM unit through `source`); refused (the
/// frame may be good, but its gram is lost: references go to `scratch` and through the window only); and judging, which
/// looks for the frame's own faults and leaves out what hangs on the stream (window, gram).
struct FrameVisitor {
  const BlobView& blob;
  DescriptorTable* table;        ///< where references go: the gram's, or scratch
  GramSource* source = nullptr;  ///< null while judging or refused
  uint64_t max_bytes = 0;        ///< that a gram may denote
  Gram* target = nullptr;
  uint32_t first = 0;  ///< the table's count when the frame began
  uint32_t key = 0;
  bool prp = false;
  bool crc = false;
  bool judging = false;
  uint16_t frag = 0;
  Window window;
  uint64_t session = 0;  ///< the stream's; judging: the newest seen

  Drop refusal = Drop::kNone;  ///< why the frame has no gram
  Stop stop = Stop::kNone;
  bool opened = false;  ///< the frame's GRAM opened `target`
  bool has_head = false;
  bool has_end = false;
  bool denotes = false;  ///< units that want a gram; kept only where there is none
  bool control = false;  ///< units for the sink to hear of
  uint32_t slab_bytes = 0;
  uint64_t bytes = 0;  ///< denoted by this frame
  uint64_t references = 0;
  uint32_t windows_verified = 0;
  uint32_t windows_broken = 0;
  GramEndUnit end_unit;
  std::span<const uint8_t> file;

  void into(Gram& gram) noexcept {
    target = &gram;
    table = &gram.table;
    first = gram.table.count;
    slab_bytes = gram.slab_bytes;
  }

  /// Leaves the gram as it was before the walk.
  void restore() const noexcept {
    if (target != nullptr) target->table.count = first;
  }

  Drop run(Tier tier, const uint8_t* references_at, uint32_t count) noexcept {
    if (has_end) [[unlikely]]
      return Drop::kBadUnit;
    if (target == nullptr) [[unlikely]]
      without_gram();
    references += count;
    bytes += uint64_t{count} * item_bytes(tier, blob.layout);
    pass_window(references_at, uint64_t{count} * reference_bytes(tier));
    return denote_run(tier, references_at, count, blob.layout, prp, key, *table, first);
  }

  Drop extents(const ExtentsUnit& unit) noexcept {
    if (has_end) return Drop::kBadUnit;
    if (target == nullptr) without_gram();
    // The first extent may lengthen the last entry, so that entry is counted with the new ones.
    const uint32_t from = table->count > first ? table->count - 1 : table->count;
    if (from < table->count) bytes -= table->data[from].length;
    const Drop drop = denote_extents(unit, blob.layout, *table, first);
    if (drop != Drop::kNone) return drop;
    for (uint32_t i = from; i < table->count; ++i) bytes += table->data[i].length;
    references += unit.count;
    pass_window(unit.raw.data(), unit.raw.size());
    return Drop::kNone;
  }

  Drop literal(std::span<const uint8_t> data) noexcept {
    if (data.empty()) return Drop::kNone;
    if (has_end) return Drop::kBadUnit;
    if (target == nullptr) {
      without_gram();
      return Drop::kNone;
    }
    if (data.size() > target->slab_capacity - slab_bytes) return Drop::kOverLimit;
    std::memcpy(target->slab + slab_bytes, data.data(), data.size());
    const Drop drop = denote_literal(slab_bytes, data.size(), *table, first);
    slab_bytes += static_cast<uint32_t>(data.size());
    bytes += data.size();
    return drop;
  }

  Drop gram(const GramUnit& unit) noexcept {
    if (has_head || has_end) return Drop::kBadUnit;
    if (target != nullptr) return Drop::kBadUnit;  // open since an earlier frame
    has_head = true;
    if (judging || refusal != Drop::kNone) {
      denotes = true;
      return Drop::kNone;
    }
    if (unit.blob != blob.id) return refuse(Drop::kWrongBlob);
    if (frag != 0) return refuse(Drop::kIncompleteGram);
    if (unit.total > max_bytes) return refuse(Drop::kOverLimit);
    Gram* fresh = source->spare();
    if (fresh == nullptr) return interrupt(Stop::kPoolDry);
    into(*fresh);
    target->head = unit;
    opened = true;
    return Drop::kNone;
  }

  Drop gram_end(const GramEndUnit& unit) noexcept {
    if (has_end) return Drop::kBadUnit;
    if (target == nullptr) without_gram();
    has_end = true;
    end_unit = unit;
    return Drop::kNone;
  }

  Drop sync_mark(uint16_t /*window*/, bool has_crc, uint16_t mark_crc) noexcept {
    if (judging) return Drop::kNone;
    if (!has_crc) {
      window = Window{};
      return Drop::kNone;
    }
    // The sequence numbers already say whether a mark is missing, so the window's id decides nothing.
    switch (window.close(window.id(), true, mark_crc)) {
      case Window::Verdict::kVerified:
        ++windows_verified;
        return Drop::kNone;
      case Window::Verdict::kMismatch:
        return Drop::kCrcMismatch;
      default:
        ++windows_broken;
        return Drop::kNone;
    }
  }

  Drop extension(uint8_t tag, std::span<const uint8_t> unit) noexcept {
    FileUnit named;
    SessionUnit begun;
    if (tag == kReceiptTag) control = true;
    if (tag == kFileTag && read_file(unit, named)) file = unit;
    if (tag == kSessionTag && read_session(unit, begun) && begun.id > session) {
      if (!judging) return interrupt(Stop::kNewSession);
      session = begun.id;
    }
    return Drop::kNone;
  }

  Drop result(const ResultUnit& /*unit*/) noexcept { return control = true, Drop::kNone; }
  Drop ack(const AckUnit& /*unit*/) noexcept { return control = true, Drop::kNone; }
  Drop sync_ack(uint16_t /*window*/) noexcept { return Drop::kNone; }
  Drop nack(const uint8_t* /*items*/, uint32_t /*count*/) noexcept { return Drop::kNone; }

 private:
  /// Every unit has the whole scratch table to itself, so that no frame is too long to be judged.
  void without_gram() noexcept {
    denotes = true;
    if (refusal == Drop::kNone) refusal = Drop::kNoGram;
    table->count = 0;
  }

  void pass_window(const uint8_t* data, uint64_t size) noexcept {
    if (judging) return;
    if (crc) [[likely]] {
      window.references(data, size);
    } else {
      window.lose();  // a mark with a CRC behind references without one says nothing about them
    }
  }

  Drop refuse(Drop why) noexcept {
    denotes = true;
    refusal = why;
    return Drop::kNone;
  }

  Drop interrupt(Stop why) noexcept {
    stop = why;
    return Drop::kUnwanted;  // any name ends the walk; the caller looks at `stop` first
  }
};

}  // namespace pfs
