#include "stages/answers.hpp"

#include "wire/frame.hpp"
#include "wire/receiving/walk.hpp"

namespace pfs {
namespace {

/// Keeps the last RECEIPT.
struct Listener : UnitVisitor {
  Answers heard;
  bool results = false;

  Drop extension(uint8_t tag, std::span<const uint8_t> bytes) noexcept {
    ReceiptUnit unit;
    if (tag == kReceiptTag && read_receipt(bytes, unit)) heard.receipt = unit;
    return Drop::kNone;
  }
  Drop result(const ResultUnit& /*unit*/) noexcept {
    results = true;
    return Drop::kNone;
  }
};

/// Matches the RESULTs of a frame that is known to be whole.
struct Matcher : UnitVisitor {
  AwaitedResults& awaited;
  const uint64_t now;
  Answers& heard;
  Drop last_fault = Drop::kNone;

  Matcher(AwaitedResults& awaited, uint64_t now, Answers& heard) noexcept : awaited(awaited), now(now), heard(heard) {}
  Drop result(const ResultUnit& unit) noexcept {
    if (const Drop fault = awaited.match(unit, now); fault != Drop::kNone)
      last_fault = fault;
    else
      ++(unit.status == 0 ? heard.done : heard.refused);
    return Drop::kNone;
  }
};

}  // namespace

Drop read_answers(std::span<const uint8_t> payload, uint16_t stream, AwaitedResults& awaited, uint64_t now,
                  Answers& out) noexcept {
  Frame frame;
  if (const Drop fault = read_frame(payload.data(), static_cast<uint32_t>(payload.size()), frame); fault != Drop::kNone)
    return fault;
  if (frame.bare) return Drop::kBareUnconfigured;
  const bool crc = (frame.header.flags & kFlagCrc) != 0;
  Listener listener;
  if (const Drop fault = walk_units(frame.units, frame.end, false, crc, listener); fault != Drop::kNone) return fault;
  if (frame.header.stream != stream) return Drop::kNone;
  out = listener.heard;
  out.receipt_gram = frame.header.gram;
  if (!listener.results) return Drop::kNone;
  Matcher matcher(awaited, now, out);
  walk_units(frame.units, frame.end, false, crc, matcher);
  const bool says_more = out.receipt || out.done != 0 || out.refused != 0;
  return says_more ? Drop::kNone : matcher.last_fault;
}

}  // namespace pfs
