#pragma once

#include <cstdint>
#include <span>

#include "base/descriptor.hpp"
#include "gram/building/builder.hpp"
#include "wire/frame.hpp"
#include "wire/sending/plan.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// Writes one gram's units into frames: opens and closes them, numbers them, goes on with what did not fit in the
/// next one, closes windows behind the reference that completes them, and counts. What to write is the caller's choice.
/// Every member says false once the gram cannot be finished; abandon() then gives the open frame back unsent.
class FrameCutter {
 public:
  FrameCutter(const BuilderConfig& config, const FrameRules& rules, const Layout& layout, SenderState& state,
              FrameSink& sink) noexcept
      : config_(config), rules_(rules), layout_(layout), state_(state), sink_(sink) {}

  bool begin(const GramUnit& gram, const FileUnit* file) noexcept;
  /// `count` references from `first`, one behind the other.
  bool run(Tier tier, uint32_t first, uint32_t count) noexcept;
  /// L3 references in any order.
  bool run(std::span<const uint32_t> blocks) noexcept;
  /// Ranges of the blob, each below 2^32 bytes, in as few EXTENTS as frames and windows allow.
  bool extents(std::span<const Descriptor> ranges) noexcept;
  bool literal(std::span<const uint8_t> bytes) noexcept;
  bool new_frame() noexcept;
  /// GRAM_END with what was counted, and the last frame goes.
  bool end(uint64_t digest) noexcept;
  void abandon() noexcept;

  [[nodiscard]] const FrameFill& fill() const noexcept { return fill_; }

 private:
  template <class Store, class Note>
  bool write_run(Tier tier, uint32_t count, Store store, Note note) noexcept;
  uint8_t* run_room(Tier tier, uint32_t count) noexcept;
  void close_run() noexcept;
  void mark_if_due() noexcept;
  bool open_frame() noexcept;
  void close_frame(uint8_t flags) noexcept;
  void denote_blocks(std::span<const uint32_t> blocks) noexcept;
  void denote(Space space, uint64_t offset, uint64_t length) noexcept;
  [[nodiscard]] uint8_t* here() noexcept { return frame_.data() + fill_.used; }
  [[nodiscard]] std::span<uint8_t> room() noexcept { return {here(), rules_.payload_bytes - fill_.used}; }

  const BuilderConfig& config_;
  const FrameRules& rules_;
  const Layout& layout_;
  SenderState& state_;
  FrameSink& sink_;
  std::span<uint8_t> frame_;  // empty: none is open
  FrameFill fill_;
  SenderState at_frame_;  // the stream as it was when the frame was opened
  uint32_t gram_ = 0;
  uint32_t frames_ = 0;     // closed so far
  uint8_t* run_ = nullptr;  // the open run's tag
  uint32_t run_lead_ = 0;   // bytes kept free for its head
  uint32_t run_count_ = 0;  // references in it
  Tier run_tier_ = Tier::kL3;
  uint64_t bytes_ = 0;         // denoted so far
  uint64_t bytes_before_ = 0;  // by the frames before the open one
  uint32_t descriptors_ = 0;
  Space last_space_ = Space::kBlob;
  uint64_t last_end_ = 0;  // of the last descriptor in this frame
  bool frame_denotes_ = false;
};

}  // namespace pfs
