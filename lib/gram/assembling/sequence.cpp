#include <algorithm>

#include "gram/assembling/assembler_impl.hpp"

namespace pfs {
namespace {

constexpr uint32_t kFarFrames = 8;  // consecutive frames too far ahead that resynchronise a stream

/// Frames too far ahead came that many times, each right behind the one before: the sender really is there.
bool shows_resync(StreamState& stream, uint32_t seq) noexcept {
  stream.far_count = seq == stream.far_next ? stream.far_count + 1 : 1;
  stream.far_next = seq + 1;
  return stream.far_count >= kFarFrames;
}

}  // namespace

bool Assembler::Impl::take_in_turn(StreamState& stream, const ReceivedFrame& received, const Frame& frame) noexcept {
  stream.far_count = 0;
  apply(stream, received, frame);
  if (stream.held > 0) drain(stream);
  return true;
}

/// Takes a frame, already judged, that is not the next one.
bool Assembler::Impl::take_early(StreamState& stream, const ReceivedFrame& received, const Frame& frame) noexcept {
  const uint32_t seq = frame.header.seq;
  const uint32_t bound = config.hold_frames;
  if (held.find(stream.place, seq) != nullptr) return drop(Drop::kDuplicate);
  uint32_t distance = seq - stream.next;
  // A gap is given up for this frame where the stream has really come this far and what is missing blocks it: the frame
  // lies just beyond the bound while most places before it are taken, or within the bound while no more may be held. A
  // damaged number alone cannot get here, because it meets a stream that holds nothing.
  const auto blocked = [&] {
    return distance > bound ? distance <= 2 * bound && stream.held > bound / 2
                            : distance > 0 && !may_hold(*stream.peer);
  };
  while (stream.held > 0 && blocked()) {
    skip_to(stream, stream.next + std::min(distance, nearest_held(stream).seq - stream.next));
    distance = seq - stream.next;
  }
  if (distance == 0) return take_in_turn(stream, received, frame);
  if (static_cast<int32_t>(distance) < 0) return drop(Drop::kDuplicate);
  if (distance <= bound) {
    stream.far_count = 0;
    if (!may_hold(*stream.peer)) return drop(Drop::kOverShare);
    hold(stream, seq, received);
    return false;
  }
  if (!shows_resync(stream, seq)) return drop(Drop::kOutOfWindow);
  while (stream.held > 0) give_up_gap(stream);
  skip_to(stream, seq);
  return take_in_turn(stream, received, frame);
}

/// Where a stream begins whose first frame this is: at 0 if the frames before it may still come, else at its gram.
void Assembler::Impl::begin(StreamState& stream, const FrameHeader& header) noexcept {
  stream.started = true;
  if (header.seq < config.hold_frames) return;
  stream.next = header.frag <= config.hold_frames ? header.seq - header.frag : header.seq;
  stream.window.lose();  // what the open window held before is not known
}

/// The sender began anew with the frame `seq`. Nothing that was taken from before can be completed, and numbers count
/// afresh. Frames held behind a frame that was taken are of the session before, and go too. While a stream has taken
/// nothing, however, the frames held have only come ahead of their session's first frame, which this one is: those that
/// lie behind it stay.
void Assembler::Impl::begin_session(StreamState& stream, uint32_t seq, uint64_t session) noexcept {
  while (!stream.grams.empty()) give_up(stream.grams.oldest());
  uint32_t left = stream.held;
  for (uint32_t at = stream.next; left > 0; ++at) {
    if (held.find(stream.place, at) == nullptr) continue;
    --left;
    const bool follows = at != seq && at - seq <= config.hold_frames;
    if (!stream.taken && follows) continue;
    ReceivedFrame received;
    unhold(stream, at, received);
    drop(Drop::kOutOfWindow);
    sink.on_released(received.owner);
  }
  stream.numbers = {};
  stream.window = {};
  stream.next = seq;
  stream.held_from = seq;
  stream.session = session;
  stream.started = true;
  stream.taken = false;
  stream.far_count = 0;
}

/// Takes the held frames whose turn has come.
void Assembler::Impl::drain(StreamState& stream) noexcept {
  ReceivedFrame received;
  while (stream.held > 0 && unhold(stream, stream.next, received)) {
    Frame frame;
    // The header is read again, because a memif peer can still write there.
    const Drop fault = read_frame(received.payload, received.bytes, frame);
    if (fault == Drop::kNone && !frame.bare) {
      apply(stream, received, frame);
    } else {
      drop(frame.bare ? Drop::kBadUnit : fault);
    }
    sink.on_released(received.owner);
  }
}

/// Goes on at the frame `seq`, without those before it.
void Assembler::Impl::skip_to(StreamState& stream, uint32_t seq) noexcept {
  counters.frames_missing.add(seq - stream.next);
  stream.window.lose();
  stream.next = seq;
  drain(stream);
}

/// Goes on at the next held frame. Only if a frame is held.
void Assembler::Impl::give_up_gap(StreamState& stream) noexcept { skip_to(stream, nearest_held(stream).seq); }

void Assembler::Impl::hold(StreamState& stream, uint32_t seq, const ReceivedFrame& received) noexcept {
  held.put(stream.place, seq, received, now);
  ++stream.peer->held;
  if (stream.held++ == 0) {
    stream.waits_at = static_cast<uint32_t>(waiting.size());
    waiting.push_back(&stream);  // room was reserved: no more streams wait than frames are held
    stream.held_from = seq;
  } else if (static_cast<int32_t>(seq - stream.held_from) < 0) {
    stream.held_from = seq;
  }
}

/// False if that frame is not held.
bool Assembler::Impl::unhold(StreamState& stream, uint32_t seq, ReceivedFrame& received) noexcept {
  if (!held.take(stream.place, seq, received)) return false;
  --stream.peer->held;
  if (--stream.held == 0) {
    waiting[stream.waits_at] = waiting.back();
    waiting[stream.waits_at]->waits_at = stream.waits_at;
    waiting.pop_back();
  }
  return true;
}

/// The held frame nearest behind the next expected one. Only if a frame is held.
const HeldFrames::Entry& Assembler::Impl::nearest_held(StreamState& stream) noexcept {
  for (;; ++stream.held_from) {
    if (const HeldFrames::Entry* entry = held.find(stream.place, stream.held_from)) return *entry;
  }
}

}  // namespace pfs
