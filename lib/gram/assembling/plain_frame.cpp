#include "gram/assembling/assembler_impl.hpp"
#include "wire/receiving/denote.hpp"
#include "wire/receiving/walk.hpp"

namespace pfs {

/// What a frame does that is one run for a gram that is open, and next in its stream: all but a gram's first and last
/// frames and those with a mark. Without the visitor and in one function: 35 cycles of 70 at 64-byte frames. False: it
/// is another frame, or something is wrong; nothing has changed, and the steps for any frame find out what.
bool Assembler::Impl::take_plain(const ReceivedFrame& received, const Frame& frame) noexcept {
  const FrameHeader& header = frame.header;
  StreamState* stream = find(header.stream);
  if (stream == nullptr || header.seq != stream->next || !stream->started || stream->hold.count() > 0) return false;
  RunUnit run;
  if (!read_lone_run(frame.units, frame.end, run)) return false;
  OpenGram* open = stream->grams.find(header.gram);
  if (open == nullptr || header.frag != open->gram->frames) return false;
  Gram& gram = *open->gram;
  const uint64_t bytes = uint64_t{run.count} * item_bytes(run.tier, blob.layout);
  if (gram.bytes + bytes < gram.bytes) return false;
  const auto tier = static_cast<uint32_t>(run.tier);
  RunGeometry geometry = geometries[tier];
  geometry.permuted = run.tier == Tier::kL3 && (header.flags & kFlagPrp) != 0;
  geometry.key = stream->key;
  const uint32_t first = gram.table.count;
  if (decode_run(tier, run.references, run.count, geometry, gram.table, first) != RunFault::kNone) {
    gram.table.count = first;
    return false;
  }
  if ((header.flags & kFlagCrc) != 0)
    stream->window.references(run.references, size_t{run.count} * reference_bytes(run.tier));
  else
    stream->window.lose();
  ++stream->next;
  stream->far_count = 0;
  ++gram.frames;
  gram.bytes += bytes;
  gram.wire_bytes += static_cast<uint32_t>(received.headers.size() + received.bytes);
  open->touched = now;
  counters.references.add(run.count);
  return true;
}

}  // namespace pfs
