#include <algorithm>

#include "gram/assembling/assembler_impl.hpp"
#include "wire/receiving/walk.hpp"

namespace pfs {
namespace {

Drop walk(const Frame& frame, FrameVisitor& visitor) noexcept {
  return walk_units(frame.units, frame.end, frame.bare, visitor.crc, visitor);
}

/// Hands what a good frame says to its peer on to the sink. Everything else has been dealt with.
struct ControlVisitor : UnitVisitor {
  AssemblerSink& sink;
  AssemblerCounters& counters;
  uint16_t stream;

  Drop result(const ResultUnit& unit) noexcept {
    counters.results.add(1);
    sink.on_result(stream, unit);
    return Drop::kNone;
  }
  Drop ack(const AckUnit& unit) noexcept {
    sink.on_ack(stream, unit);
    return Drop::kNone;
  }
  Drop extension(uint8_t tag, std::span<const uint8_t> bytes) noexcept {
    ReceiptUnit receipt;
    if (tag == kReceiptTag && read_receipt(bytes, receipt)) sink.on_receipt(stream, receipt);
    return Drop::kNone;
  }
};

}  // namespace

// The steps marked always_inline are inlined into apply().
[[gnu::always_inline]] inline FrameVisitor Assembler::Impl::visitor_of(const StreamState& stream,
                                                                       const FrameHeader& header) noexcept {
  return {.blob = blob,
          .table = &scratch,
          .source = this,
          .max_bytes = config.max_gram_bytes,
          .key = stream.key,
          .prp = (header.flags & kFlagPrp) != 0,
          .crc = (header.flags & kFlagCrc) != 0,
          .frag = header.frag,
          .window = stream.window,
          .session = stream.session};
}

/// Puts the frame straight into its gram. A fault leaves stream and gram as they were. A good frame whose gram is lost
/// still takes its number, and still runs through the window.
void Assembler::Impl::apply(StreamState& stream, const ReceivedFrame& received, const Frame& frame) noexcept {
  const FrameHeader& header = frame.header;
  Gram* open = stream.grams.find(header.gram);
  FrameVisitor visitor = visitor_of(stream, header);
  if (open == nullptr) {
    visitor.refusal = stream.numbers.refusal(header.gram);
  } else if (header.frag == open->frames) [[likely]] {
    visitor.into(*open);
  } else {
    visitor.refusal = Drop::kIncompleteGram;
  }
  const Drop fault = walk(frame, visitor);
  if (fault != Drop::kNone) [[unlikely]] {
    visitor.restore();
    return apply_interrupted(stream, received, frame, visitor, fault);
  }
  if (visitor.target == nullptr) [[unlikely]]
    return finish_without_gram(stream, received, frame, visitor);
  Gram& gram = *visitor.target;
  if (gram.bytes + visitor.bytes > config.max_gram_bytes) [[unlikely]] {
    visitor.restore();
    return apply_over_limit(stream, received, frame);
  }
  if (visitor.opened) this->open(stream, received, header, gram);
  gram.touched = now;
  pass(stream, visitor);
  keep(gram, visitor);
  gram.wire_bytes += static_cast<uint32_t>(received.headers.size() + received.bytes);
  if (visitor.control) [[unlikely]]
    deliver_control(frame);
  if (visitor.has_end) {
    close(stream, gram);
    give(*stream.peer, gram);
  }
}

/// The walk ended at a fault, or for something that has to be done first.
void Assembler::Impl::apply_interrupted(StreamState& stream, const ReceivedFrame& received, const Frame& frame,
                                        const FrameVisitor& visitor, Drop fault) noexcept {
  if (visitor.stop == Stop::kNone) {
    if (fault == Drop::kOverLimit) return apply_over_limit(stream, received, frame);
    drop(fault);
    return;
  }
  const FrameVisitor judged = judge(stream.key, frame, (frame.header.flags & kFlagCrc) != 0, fault);
  if (fault != Drop::kNone) {
    drop(fault);
    return;
  }
  if (visitor.stop == Stop::kNewSession) {
    begin_session(stream, frame.header.seq, judged.session);
  } else if (!wait_for_gram(*stream.peer)) {
    drop(Drop::kStopped);
    return;
  }
  return apply(stream, received, frame);
}

/// The frame may be good, but it would take its gram beyond a bound. The gram stays as it is and ends with its next
/// frame.
void Assembler::Impl::apply_over_limit(StreamState& stream, const ReceivedFrame& received,
                                       const Frame& frame) noexcept {
  FrameVisitor visitor = visitor_of(stream, frame.header);
  visitor.refusal = Drop::kOverLimit;
  const Drop fault = walk(frame, visitor);
  if (fault != Drop::kNone) return apply_interrupted(stream, received, frame, visitor, fault);
  return finish_without_gram(stream, received, frame, visitor);
}

/// A good frame that no gram takes.
void Assembler::Impl::finish_without_gram(StreamState& stream, const ReceivedFrame& received, const Frame& frame,
                                          const FrameVisitor& visitor) noexcept {
  const FrameHeader& header = frame.header;
  Gram* open = stream.grams.find(header.gram);
  const bool used_up = visitor.refusal == Drop::kDuplicate || visitor.refusal == Drop::kIncompleteGram;
  if (open == nullptr && used_up && visitor.has_head && header.frag == 0 &&
      stream.numbers.resynchronises(header.gram)) {
    return apply(stream, received, frame);
  }
  pass(stream, visitor);
  if (open == nullptr && !visitor.denotes) {
    counters.control_frames.add(1);
    if (visitor.control) deliver_control(frame);
    return;
  }
  if (open != nullptr && visitor.refusal == Drop::kIncompleteGram) give_up(*open);
  drop(visitor.refusal);
}

/// What a frame that took its number changes in its stream.
[[gnu::always_inline]] inline void Assembler::Impl::pass(StreamState& stream, const FrameVisitor& visitor) noexcept {
  ++stream.next;
  stream.taken = true;
  stream.peer->heard = now;
  stream.window = visitor.window;
  count(visitor);
}

[[gnu::always_inline]] inline void Assembler::Impl::count(const FrameVisitor& visitor) noexcept {
  counters.references.add(visitor.references);
  if (visitor.windows_verified + visitor.windows_broken == 0) [[likely]]
    return;
  counters.windows_verified.add(visitor.windows_verified);
  counters.windows_broken.add(visitor.windows_broken);
}

/// What a frame changes in its gram; its descriptors and literals lie there already.
[[gnu::always_inline]] inline void Assembler::Impl::keep(Gram& gram, const FrameVisitor& visitor) noexcept {
  ++gram.frames;
  ++open_frames;
  gram.bytes += visitor.bytes;
  gram.slab_bytes = visitor.slab_bytes;
  if (visitor.has_end) gram.end = visitor.end_unit;
  if (!visitor.file.empty() && read_file(visitor.file, gram.file)) {
    std::copy(gram.file.name.begin(), gram.file.name.end(), gram.file_name.begin());
    gram.file.name = {gram.file_name.data(), gram.file.name.size()};
    gram.has_file = true;
  }
}

void Assembler::Impl::open(StreamState& stream, const ReceivedFrame& received, const FrameHeader& header,
                           Gram& gram) noexcept {
  if (stream.grams.full()) give_up(stream.grams.oldest());
  spare_gram = nullptr;
  gram.open = true;
  gram.number = header.gram;
  gram.stream = header.stream;
  gram.peer = stream.peer->index;
  gram.order = opened++;
  gram.reply.port = received.port;
  reverse_encapsulation(received.headers, gram.reply.encapsulation);
  stream.numbers.opened(header.gram);
  stream.grams.add(gram);
  ++stream.peer->open;
  ++open_count;
}

/// The gram is no longer open: it is whole, or given up.
void Assembler::Impl::close(StreamState& stream, Gram& gram) noexcept {
  stream.grams.remove(gram);
  gram.open = false;
  open_frames -= gram.frames;
  --stream.peer->open;
  --open_count;
}

/// The gram is whole.
void Assembler::Impl::give(Peer& peer, Gram& gram) noexcept {
  if (const Drop why = refusal_of(peer, gram); why != Drop::kNone) [[unlikely]] {
    drop(why, gram.frames);
    return gram.release();
  }
  peer.completed = true;
  peer.outstanding += gram.bytes;
  counters.frames_out.add(gram.frames);
  counters.grams_out.add(1);
  sink.on_gram(gram);
}

/// Puts a bare frame into the spare gram and gives that. Its references run through the peer's window, also where no
/// gram can take so much.
void Assembler::Impl::apply_bare(Peer& peer, const BareRule& rule, const Frame& frame) noexcept {
  FrameVisitor visitor{.blob = blob, .table = &scratch, .crc = rule.crc, .window = peer.bare_window};
  FrameVisitor over = visitor;
  visitor.into(*spare_gram);
  Drop fault = walk(frame, visitor);
  if (fault == Drop::kNone && visitor.bytes > config.max_gram_bytes) fault = Drop::kOverLimit;
  if (fault != Drop::kNone) {
    visitor.restore();
    over.refusal = Drop::kOverLimit;
    if (fault == Drop::kCrcMismatch) peer.bare_window = Window{};
    if (fault == Drop::kOverLimit && (fault = walk(frame, over)) == Drop::kNone) {
      fault = Drop::kOverLimit;
      peer.bare_window = over.window;
      count(over);
    }
    drop(fault);
    return;
  }
  peer.bare_window = visitor.window;
  count(visitor);
  Gram& gram = *spare_gram;
  if (gram.table.count == 0) return counters.control_frames.add(1);
  spare_gram = nullptr;
  keep(gram, visitor);
  --open_frames;  // the gram is whole at once
  gram.bare = true;
  gram.number = peer.bare_grams++;
  gram.stream = rule.stream;
  gram.peer = peer.index;
  gram.head = {.op = rule.op, .total = gram.bytes};
  gram.end = {.frames = 1, .descriptors = gram.table.count, .bytes = gram.bytes};
  give(peer, gram);
}

FrameVisitor Assembler::Impl::judge(uint32_t key, const Frame& frame, bool crc, Drop& fault) noexcept {
  FrameVisitor visitor{.blob = blob,
                       .table = &scratch,
                       .max_bytes = config.max_gram_bytes,
                       .key = key,
                       .prp = (frame.header.flags & kFlagPrp) != 0,
                       .crc = crc,
                       .judging = true};
  fault = walk(frame, visitor);
  return visitor;
}

void Assembler::Impl::deliver_control(const Frame& frame) noexcept {
  ControlVisitor visitor{{}, sink, counters, frame.header.stream};
  walk_units(frame.units, frame.end, false, (frame.header.flags & kFlagCrc) != 0, visitor);
}

Gram* Assembler::Impl::spare() noexcept {
  if (spare_gram == nullptr) spare_gram = pool.take();
  return spare_gram;
}

}  // namespace pfs
