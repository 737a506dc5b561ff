#include "base/endian.hpp"
#include "gram/assembler_impl.hpp"
#include "wire/denote.hpp"

namespace pfs {
namespace {

/// A run that fills its frame from the first byte of the units to the last.
struct LoneRun {
  Tier tier = Tier::kL1;
  uint32_t count = 0;  ///< 0: the frame holds something else, or more, or is faulty
  const uint8_t* references = nullptr;
};

LoneRun lone_run(const Frame& frame) noexcept {
  const auto bytes = static_cast<uint32_t>(frame.end - frame.units);
  if (bytes < 2 || frame.units[0] >= 0xC0) return {};
  const auto tier = static_cast<Tier>(frame.units[0] >> 6);
  const uint32_t code = frame.units[0] & 63U;
  uint32_t head = 1;
  uint32_t count = code + 1;
  if (code == kShortRunMax) {
    if (bytes < 4) return {};
    head = 3;
    count = load_be<uint16_t>(frame.units + 1) + 1U;
    if (count <= kShortRunMax) return {};
  }
  if (bytes - head != count * reference_bytes(tier)) return {};
  return {tier, count, frame.units + head};
}

}  // namespace

/// What apply() does with a frame that is one run for a gram that is open, without the visitor: all but a gram's first
/// and last frames, and those with a mark. False: it is another frame, or something is wrong; nothing has changed, and
/// apply() finds out what.
bool Assembler::Impl::apply_plain(StreamState& stream, const ReceivedFrame& received, const Frame& frame,
                                  OpenGram& open) noexcept {
  const LoneRun run = lone_run(frame);
  if (run.count == 0) return false;
  Gram& gram = *open.gram;
  const uint64_t bytes = uint64_t{run.count} * item_bytes(run.tier, blob.layout);
  if (gram.bytes + bytes < gram.bytes) return false;
  const uint32_t first = gram.table.count;
  const bool prp = (frame.header.flags & kFlagPrp) != 0;
  if (denote_run(run.tier, run.references, run.count, blob.layout, prp, stream.key, gram.table, first) != Drop::kNone) {
    gram.table.count = first;
    return false;
  }
  if ((frame.header.flags & kFlagCrc) != 0)
    stream.window.references(run.references, size_t{run.count} * reference_bytes(run.tier));
  else
    stream.window.lose();
  ++stream.next;
  ++gram.frames;
  gram.bytes += bytes;
  gram.wire_bytes += static_cast<uint32_t>(received.headers.size() + received.bytes);
  open.touched = now;
  counters.references.add(run.count);
  return true;
}

}  // namespace pfs
