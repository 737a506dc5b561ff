#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/descriptor.hpp"
#include "session.hpp"
#include "wire/drop.hpp"
#include "wire/frame.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// A payload decoded by itself: its frame header and the ranges that its units denote, or the name of its first fault.
struct Denoted {
  Drop error = Drop::kNone;
  Frame frame;
  std::span<const Descriptor> descriptors;  ///< valid until the next frame
};

/// Collects the descriptors of one frame at a time. The table grows with the frame: an analyser has no limit on what
/// a frame may denote, so kOverLimit never comes up.
class Denoter {
 public:
  explicit Denoter(const Session& session) : session_(session) {}

  Denoted decode(std::span<const uint8_t> payload);

  /// These are the steps of decode(), for a caller that walks the units itself.
  void begin(const Frame& frame);
  Drop run(Tier tier, const uint8_t* references, uint32_t count) noexcept;
  Drop extents(const ExtentsUnit& unit) noexcept;
  Drop literal(std::span<const uint8_t> bytes) noexcept;
  [[nodiscard]] std::span<const Descriptor> descriptors() const noexcept { return {table_.data(), count_}; }
  [[nodiscard]] const Session& session() const noexcept { return session_; }

 private:
  DescriptorTable room_for(uint32_t count);

  Session session_;
  std::vector<Descriptor> table_;
  uint32_t count_ = 0;
  uint64_t slab_ = 0;  ///< literal bytes of the frame so far
  bool prp_ = false;
};

}  // namespace pfs
