#include "session/control.hpp"

#include <algorithm>

namespace pfs::session {

static_assert(kSackWordsMax == transport::kAckWords);

UnitWriter& ControlFrame::begin(uint32_t most) noexcept {
  const uint32_t bytes = std::clamp(most, kLeastControl, kMostPayload);
  writer_ = UnitWriter(std::span(bytes_).first(bytes).subspan(kControlHeadBytes));
  return writer_;
}

std::span<const uint8_t> ControlFrame::finish(const CarryUnit& carry, uint16_t stream, uint32_t until) noexcept {
  const uint32_t padded = std::min(until - kControlHeadBytes, writer_.used() + writer_.room());
  if (padded > writer_.used()) writer_.padding(padded);
  const auto length = static_cast<uint16_t>(kCarryUnitBytes + writer_.used());
  write_frame(bytes_.data(), {.stream = stream, .length = length});
  const std::span<uint8_t> payload = std::span(bytes_).first(kFrameHeaderBytes + length);
  seal_carried(payload, carry);
  return payload;
}

SackUnit sack_of(const transport::Ack& ack) noexcept {
  SackUnit sack{.stream = ack.stream,
                .path = ack.path,
                .pressure = ack.pressure,
                .next = ack.next,
                .frames = ack.frames,
                .bytes = ack.bytes,
                .stamp = static_cast<uint32_t>(ack.stamp),
                .held = static_cast<uint32_t>(std::min<Time>(ack.held >> kStampShift, UINT32_MAX)),
                .first = ack.first,
                .words = ack.words};
  std::copy_n(ack.map.begin(), ack.words, sack.map.begin());
  return sack;
}

transport::Ack ack_of(const SackUnit& sack, Time now) noexcept {
  transport::Ack ack{.stream = sack.stream,
                     .path = sack.path,
                     .pressure = sack.pressure,
                     .next = sack.next,
                     .first = sack.first,
                     .words = sack.words,
                     .frames = sack.frames,
                     .bytes = sack.bytes,
                     .stamp = time_of(sack.stamp, now),
                     .held = Time{sack.held} << kStampShift};
  std::copy_n(sack.map.begin(), sack.words, ack.map.begin());
  return ack;
}

}  // namespace pfs::session
