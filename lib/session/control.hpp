#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "transport/ack.hpp"
#include "wire/sending/writer.hpp"
#include "wire/session_units.hpp"

namespace pfs::session {

using transport::Time;

constexpr uint32_t kControlHeadBytes = kFrameHeaderBytes + kCarryUnitBytes;
/// Every control frame is at least as long as BYE, so that a peer that does not know the session any more may say so
/// without a longer frame.
constexpr uint32_t kLeastControl = kControlHeadBytes + extension_bytes(kByeBytes);
constexpr uint32_t kMostPayload = UINT16_MAX;  ///< that a control frame is padded to

/// This end's time as CARRY has it; never 0, which means that there is none.
constexpr uint32_t stamp_of(Time now) noexcept {
  const auto stamp = static_cast<uint32_t>(now >> kStampShift);
  return stamp == 0 ? 1 : stamp;
}

/// The time that a stamp of this end's stood for; 0 if it stood for none.
constexpr Time time_of(uint32_t stamp, Time now) noexcept {
  const Time steps = now >> kStampShift;
  const uint32_t age = static_cast<uint32_t>(steps) - stamp;
  return stamp == 0 || age > steps ? 0 : (steps - age) << kStampShift;
}

/// The one control frame that is being written: header, CARRY, units. Its memory is taken once.
class ControlFrame {
 public:
  ControlFrame() : bytes_(kMostPayload) {}

  /// Begins a frame; the answer takes its units, `most` bytes of payload in all.
  UnitWriter& begin(uint32_t most) noexcept;
  /// Pads the units to `until` bytes of payload, writes header and CARRY, and gives the whole frame, which is valid
  /// until the next begin().
  std::span<const uint8_t> finish(const CarryUnit& carry, uint16_t stream = 0, uint32_t until = kLeastControl) noexcept;

 private:
  std::vector<uint8_t> bytes_;
  UnitWriter writer_{{}};
};

/// SACK's form of what the transport says, and back.
SackUnit sack_of(const transport::Ack& ack) noexcept;
transport::Ack ack_of(const SackUnit& sack, Time now) noexcept;

}  // namespace pfs::session
