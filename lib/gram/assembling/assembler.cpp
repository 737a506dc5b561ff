#include "gram/assembling/assembler.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "gram/assembling/assembler_impl.hpp"
#include "wire/receiving/walk.hpp"

namespace pfs {
namespace {

/// Units by which a frame that answers begins. Such frames are numbered by the peer that answers, not in the sequence
/// of the stream that they speak of.
bool begins_with_control(const Frame& frame) noexcept {
  if (frame.units == frame.end) return false;
  const uint8_t tag = *frame.units;
  return tag == static_cast<uint8_t>(Tag::kResult) || tag == static_cast<uint8_t>(Tag::kSyncAck) ||
         tag == static_cast<uint8_t>(Tag::kNack) || tag == static_cast<uint8_t>(Tag::kAck) || tag == kReceiptTag;
}

}  // namespace

Assembler::Impl::Impl(const AssemblerConfig& config, const BlobView& blob, GramPool& pool, AssemblerSink& sink)
    : config(config), blob(blob), pool(pool), sink(sink), index(65536, kNoStream) {
  for (const Tier tier : {Tier::kL1, Tier::kL2, Tier::kL3})
    geometries[static_cast<size_t>(tier)] = tier_geometry(tier, blob.layout, false, 0);
  assert(std::has_single_bit(config.hold_frames) && config.open_grams > 0 && pool.size() > 0);
  const size_t listed = config.streams.size();
  const size_t count = std::min<size_t>(listed > 0 ? listed : config.max_streams, kNoStream);
  streams.resize(count);
  open_slots = std::make_unique<OpenGram[]>(count * config.open_grams);
  hold_slots = std::make_unique<HeldFrame[]>(count * config.hold_frames);
  for (size_t i = 0; i < count; ++i) {
    streams[i].grams.bind({&open_slots[i * config.open_grams], config.open_grams});
    streams[i].hold.bind({&hold_slots[i * config.hold_frames], config.hold_frames});
  }
  for (const StreamConfig& stream : config.streams) admit(stream.id)->key = stream.key;
  for (const BareRule& rule : config.bare) bare.push_back({.rule = rule});
  scratch_entries = std::make_unique_for_overwrite<Descriptor[]>(kRunMax);  // what the largest unit denotes
  scratch = {.data = scratch_entries.get(), .count = 0, .capacity = kRunMax};
}

Assembler::Impl::~Impl() {
  for (StreamState& stream : streams) {
    for (OpenGram& open : stream.grams.all()) open.gram->release();
  }
  if (spare_gram != nullptr) spare_gram->release();
}

bool Assembler::Impl::take(const ReceivedFrame& received) noexcept {
  counters.frames_in.add(1);
  Frame frame;
  const Drop fault = read_frame(received.payload, received.bytes, frame);
  if (fault != Drop::kNone) [[unlikely]]
    return drop(fault);
  if (frame.bare) return take_bare(received, frame);
  if (take_plain(received, frame)) [[likely]]
    return true;
  if (begins_with_control(frame) && take_control(frame)) return true;
  StreamState* stream = find(frame.header.stream);
  if (stream != nullptr && stream->started && frame.header.seq == stream->next) [[likely]] {
    return take_in_turn(*stream, received, frame);
  }
  return take_out_of_turn(received, frame);
}

bool Assembler::Impl::take_in_turn(StreamState& stream, const ReceivedFrame& received, const Frame& frame) noexcept {
  stream.far_count = 0;
  apply(stream, received, frame);
  if (stream.hold.count() > 0) drain(stream);
  return true;
}

/// A frame that is not its stream's next one is judged before it may move anything: a broken one neither takes a place
/// among the held, nor makes a stream, nor starts it anew.
bool Assembler::Impl::take_out_of_turn(const ReceivedFrame& received, const Frame& frame) noexcept {
  StreamState* stream = find(frame.header.stream);
  if (stream == nullptr && !admits_another()) return drop(Drop::kUnknownStream);
  Drop fault;
  const FrameVisitor judged = judge(stream, frame, (frame.header.flags & kFlagCrc) != 0, fault);
  if (fault != Drop::kNone) return drop(fault);
  if (stream == nullptr) stream = admit(frame.header.stream);
  if (judged.session > stream->session) {
    restart(*stream, frame.header.seq, judged.session);
  } else if (!stream->started) {
    begin(*stream, frame.header);
  }
  return take_judged(*stream, received, frame);
}

bool Assembler::Impl::take_judged(StreamState& stream, const ReceivedFrame& received, const Frame& frame) noexcept {
  const uint32_t seq = frame.header.seq;
  const uint32_t bound = stream.hold.size();
  uint32_t distance = seq - stream.next;
  // Just beyond the bound while most places are taken: the stream has really come this far, and what is missing blocks
  // it. A damaged number alone cannot get here, because it meets an empty ring.
  while (distance > bound && distance <= 2 * bound && stream.hold.more_than_half_full()) {
    give_up_gap(stream);
    distance = seq - stream.next;
  }
  if (distance == 0) return take_in_turn(stream, received, frame);
  if (static_cast<int32_t>(distance) < 0) return drop(Drop::kDuplicate);
  if (distance <= bound) {
    stream.far_count = 0;
    return stream.hold.put(seq, received, now) ? false : drop(Drop::kDuplicate);
  }
  if (!shows_resync(stream, seq)) return drop(Drop::kOutOfWindow);
  while (stream.hold.count() > 0) give_up_gap(stream);
  counters.frames_missing.add(seq - stream.next);
  stream.window.lose();
  stream.next = seq;
  return take_in_turn(stream, received, frame);
}

/// Frames too far ahead, one right behind the other, that many times: the sender is there.
bool Assembler::Impl::shows_resync(StreamState& stream, uint32_t seq) noexcept {
  stream.far_count = seq == stream.far_next ? stream.far_count + 1 : 1;
  stream.far_next = seq + 1;
  return stream.far_count >= kFarFrames;
}

/// Where a stream begins whose first frame this is: at 0 if the frames before it may still come, else at its gram.
void Assembler::Impl::begin(StreamState& stream, const FrameHeader& header) noexcept {
  stream.started = true;
  if (header.seq < config.hold_frames) return;
  stream.next = header.frag <= config.hold_frames ? header.seq - header.frag : header.seq;
  stream.window.lose();  // what the open window held before is not known
}

void Assembler::Impl::drain(StreamState& stream) noexcept {
  ReceivedFrame received;
  while (stream.hold.count() > 0 && stream.hold.take(stream.next, received)) {
    Frame frame;
    const Drop fault =
        read_frame(received.payload, received.bytes, frame);  // again: a memif peer can still write there
    if (fault == Drop::kNone && !frame.bare) {
      apply(stream, received, frame);
    } else {
      drop(frame.bare ? Drop::kBadUnit : fault);
    }
    sink.on_released(received.owner);
  }
}

/// False: the frame denotes bytes too, so it belongs to the stream's sequence.
bool Assembler::Impl::take_control(const Frame& frame) noexcept {
  const StreamState* stream = find(frame.header.stream);
  if (stream == nullptr && !config.streams.empty()) return drop(Drop::kUnknownStream);
  Drop fault;
  const FrameVisitor judged = judge(stream, frame, (frame.header.flags & kFlagCrc) != 0, fault);
  if (fault != Drop::kNone) return drop(fault);
  if (judged.denotes) return false;
  counters.control_frames.add(1);
  deliver_control(frame);
  return true;
}

bool Assembler::Impl::admits_another() const noexcept {
  return config.streams.empty() && stream_count < streams.size();
}

StreamState* Assembler::Impl::admit(uint16_t id) noexcept {
  index[id] = static_cast<uint16_t>(stream_count);
  StreamState& stream = streams[stream_count++];
  stream.id = id;
  return &stream;
}

Assembler::Assembler(const AssemblerConfig& config, const BlobView& blob, GramPool& pool, AssemblerSink& sink)
    : impl_(std::make_unique<Impl>(config, blob, pool, sink)) {}

Assembler::~Assembler() = default;

bool Assembler::take(const ReceivedFrame& frame, uint64_t now) noexcept {
  impl_->now = now;
  return impl_->take(frame);
}

void Assembler::age(uint64_t now) noexcept {
  impl_->now = now;
  impl_->age();
}

void Assembler::flush() noexcept { impl_->flush(); }

uint64_t Assembler::frames_in_flight() const noexcept {
  uint64_t frames = 0;
  for (const StreamState& stream : std::span(impl_->streams).first(impl_->stream_count)) {
    frames += stream.hold.count();
    for (const OpenGram& open : stream.grams.all()) frames += open.gram->frames;
  }
  return frames;
}

bool Assembler::next_expected(uint16_t stream, uint32_t& next) const noexcept {
  const StreamState* state = impl_->find(stream);
  if (state == nullptr || !state->started) return false;
  next = state->next;
  return true;
}

const AssemblerCounters& Assembler::counters() const noexcept { return impl_->counters; }

}  // namespace pfs
