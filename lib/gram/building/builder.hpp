#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/descriptor.hpp"
#include "blob/view.hpp"
#include "wire/extension.hpp"
#include "wire/frame.hpp"
#include "wire/sending/plan.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// Where built frames go. open() gives room for one payload (the bytes behind the EtherType); close() says how much
/// of it was used. The builder opens a frame only after closing the one before.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  /// At least the builder's payload_bytes, or empty when there is no memory (the gram is then abandoned).
  virtual std::span<uint8_t> open() noexcept = 0;
  /// `denoted`: bytes that the frame's references, extents and literals stand for. 0 bytes: the frame is not to be
  /// sent.
  virtual void close(uint32_t bytes, uint64_t denoted) noexcept = 0;
};

struct BuilderConfig {
  uint16_t stream = 0;
  uint32_t payload_bytes = 1500;  ///< longest payload in bytes, frame header included
  uint32_t window_pow2 = 16;      ///< references a window, as a power of two; up to 31
  bool crc = true;
  bool prp = false;  ///< permute L3 references
  uint32_t key = 0;
  DigestKind digest = DigestKind::kNone;
  uint64_t session = 0;   ///< if not 0, an E3 SESSION unit goes into the stream's first frame
  bool smallest = false;  ///< search for the fewest bytes; microseconds a piece instead of nanoseconds
};

/// What one gram is built from. Pieces are denoted in order: a blob piece by references or extents, a slab piece by
/// LITERAL units that carry the bytes `slab` holds there. Behind them `blocks`, if any: L3 references that go out as
/// runs just as they stand (the generator's and the benchmarks' way to have frames of a known shape).
struct GramPlan {
  uint8_t op = 0;
  uint64_t arg = 0;
  std::span<const Descriptor> pieces;
  const uint8_t* slab = nullptr;
  const FileUnit* file = nullptr;  ///< if set, an E1 FILE unit behind GRAM
  std::span<const uint32_t> blocks;
};

/// A stream as its sender carries it from frame to frame.
struct SenderState {
  uint32_t seq = 0;     ///< of the next frame
  uint32_t gram = 0;    ///< of the next gram
  uint16_t window = 0;  ///< id of the open window
  uint16_t window_crc = 0xFFFF;
  uint32_t window_count = 0;  ///< references in it so far
  bool begun = false;         ///< the stream's first frame has gone
};

class FrameCutter;
class PieceQueue;
struct Room;
class SmallestPlanner;

/// Builds grams of one stream: cuts them to what a payload may take, numbers frames and grams from 0, counts references
/// and closes windows, digests the denoted bytes. Keeps the stream's state from gram to gram. Takes memory only when
/// constructed.
class GramBuilder {
 public:
  /// Bytes of payload below which no gram can be built: a frame header and GRAM_END, and what the first frame carries.
  static uint32_t least_payload(const BuilderConfig& config, const FileUnit* file) noexcept;

  /// `blob.data` may be null where digest is kNone (an encoder without a blob). A payload beyond a frame's 65,551 bytes
  /// counts as that.
  GramBuilder(const BuilderConfig& config, const BlobView& blob);
  ~GramBuilder();
  GramBuilder(GramBuilder&&) noexcept;
  GramBuilder& operator=(GramBuilder&&) noexcept;

  /// False if the sink ran out of frames, if a unit is too long for a payload, or if the gram would take more than the
  /// 65,535 frames that GRAM_END can count. The gram number is used up either way; frames closed before are gone.
  bool build(const GramPlan& plan, FrameSink& sink) noexcept;

  /// Begins another stream: frame, gram and window numbers start at 0 again.
  void restart() noexcept { state_ = {}; }

  [[nodiscard]] uint32_t next_seq() const noexcept { return state_.seq; }
  [[nodiscard]] uint32_t next_gram() const noexcept { return state_.gram; }

 private:
  bool write_pieces(FrameCutter& cutter, const GramPlan& plan) noexcept;
  bool write_step(FrameCutter& cutter, const Step& step, std::span<const Descriptor> pieces,
                  const uint8_t* slab) const noexcept;
  [[nodiscard]] uint64_t digest_of(const GramPlan& plan) const noexcept;

  BuilderConfig config_;
  BlobView blob_;
  FrameRules rules_;
  SenderState state_;
  std::unique_ptr<PieceQueue> queue_;
  std::unique_ptr<Room> room_;                // for digests
  std::unique_ptr<SmallestPlanner> planner_;  // only where config says smallest
};

}  // namespace pfs
