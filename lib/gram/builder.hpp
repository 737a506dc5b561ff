#pragma once

#include <cstdint>
#include <span>

#include "base/descriptor.hpp"
#include "blob/view.hpp"
#include "wire/extension.hpp"
#include "wire/frame.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// Where built frames go. open() gives room for one payload (the bytes behind the EtherType); close() says how much
/// of it was used. The builder opens a frame only after closing the one before.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  /// At least the builder's mtu bytes, or empty when there is no memory (the gram is then abandoned).
  virtual std::span<uint8_t> open() noexcept = 0;
  virtual void close(uint32_t bytes) noexcept = 0;
};

struct BuilderConfig {
  uint16_t stream = 0;
  uint32_t mtu = 1500;             ///< longest payload in bytes, frame header included
  uint32_t window_pow2 = 16;       ///< references a window, as a power of two
  bool crc = true;
  bool prp = false;                ///< permute L3 references
  uint32_t key = 0;
  DigestKind digest = DigestKind::kNone;
  uint64_t session = 0;            ///< if not 0, an E3 SESSION unit goes into the stream's first frame
};

/// What one gram is built from. Pieces are denoted in order: a blob piece by references or extents, a slab piece by
/// LITERAL units that carry the bytes `slab` holds there.
struct GramPlan {
  uint8_t op = 0;
  uint64_t arg = 0;
  std::span<const Descriptor> pieces;
  const uint8_t* slab = nullptr;
  const FileUnit* file = nullptr;  ///< if set, an E1 FILE unit behind GRAM
};

/// Builds grams of one stream: cuts them to the MTU, numbers frames and grams from 0, counts references and closes
/// windows, digests the denoted bytes. Keeps the stream's state from gram to gram.
class GramBuilder {
 public:
  /// `blob.data` may be null where digest is kNone (an encoder without a blob).
  GramBuilder(const BuilderConfig& config, const BlobView& blob);

  /// False if the sink ran out of frames; the gram number is used up either way.
  bool build(const GramPlan& plan, FrameSink& sink) noexcept;

  [[nodiscard]] uint32_t next_seq() const noexcept { return seq_; }
  [[nodiscard]] uint32_t next_gram() const noexcept { return gram_; }

 private:
  friend class FrameCutter;
  BuilderConfig config_;
  BlobView blob_;
  uint32_t seq_ = 0;
  uint32_t gram_ = 0;
  uint16_t window_ = 0;         ///< id of the open window
  uint32_t window_count_ = 0;   ///< references in it so far
  uint16_t window_crc_ = 0xFFFF;
};

}  // namespace pfs
