#include "stages/answers.hpp"

#include "wire/frame.hpp"
#include "wire/receiving/walk.hpp"

namespace pfs {
namespace {

/// Keeps what is said to a sender.
struct Listener : UnitVisitor {
  Answers heard;

  Drop ack(const AckUnit& unit) noexcept {
    heard.ack = unit;
    return Drop::kNone;
  }
  Drop extension(uint8_t tag, std::span<const uint8_t> bytes) noexcept {
    ReceiptUnit unit;
    if (tag == kReceiptTag && read_receipt(bytes, unit)) heard.receipt = unit;
    return Drop::kNone;
  }
  Drop result(const ResultUnit& unit) noexcept {
    ++(unit.status == 0 ? heard.results : heard.refused);
    return Drop::kNone;
  }
};

}  // namespace

Drop read_answers(std::span<const uint8_t> payload, uint16_t stream, Answers& out) noexcept {
  Frame frame;
  if (const Drop fault = read_frame(payload.data(), static_cast<uint32_t>(payload.size()), frame); fault != Drop::kNone)
    return fault;
  if (frame.bare) return Drop::kBareUnconfigured;
  Listener listener;
  const bool crc = (frame.header.flags & kFlagCrc) != 0;
  if (const Drop fault = walk_units(frame.units, frame.end, false, crc, listener); fault != Drop::kNone) return fault;
  if (frame.header.stream == stream) out = listener.heard;
  return Drop::kNone;
}

}  // namespace pfs
