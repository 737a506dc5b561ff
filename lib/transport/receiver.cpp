#include "transport/receiver.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace pfs::transport {
namespace {

constexpr uint32_t kMapReach = (kAckWords - 1) * 64;  // frames; a map begins at a multiple of 64 before the first

}  // namespace

Receiver::Receiver(const ReceiverConfig& config) : config_(config), streams_(config.streams) {
  assert(std::has_single_bit(config.stream_frames) && config.stream_frames >= 64);
  for (Stream& stream : streams_) {
    stream.next = config.first_seq;
    stream.tokens.resize(config.stream_frames);
    stream.here.resize(config.stream_frames / 64);
  }
}

bool Receiver::is_here(const Stream& stream, uint32_t seq) const noexcept {
  const uint32_t place = seq & (config_.stream_frames - 1);
  return (stream.here[place / 64] >> place % 64 & 1) != 0;
}

void Receiver::mark(Stream& stream, uint32_t seq, bool here) noexcept {
  const uint32_t place = seq & (config_.stream_frames - 1);
  const uint64_t bit = uint64_t{1} << place % 64;
  stream.here[place / 64] = here ? stream.here[place / 64] | bit : stream.here[place / 64] & ~bit;
}

Receiver::Verdict Receiver::on_frame(uint16_t id, uint32_t seq, uint64_t token, uint8_t path, Time stamp,
                                     Time now) noexcept {
  if (id >= streams_.size()) {
    ++counters_.unknown;
    return Verdict::kUnknown;
  }
  Stream& stream = streams_[id];
  const auto ahead = static_cast<int32_t>(seq - stream.next);
  const bool known =
      ahead < 0 || (ahead > 0 && static_cast<uint32_t>(ahead) < config_.stream_frames && is_here(stream, seq));
  if (known) {  // the sender has not heard of it: it is told at once
    answer_later(stream, seq, path, stamp, true, now);
    ++counters_.duplicates;
    return Verdict::kDuplicate;
  }
  if (static_cast<uint32_t>(ahead) >= config_.stream_frames) {
    ++counters_.beyond;
    return Verdict::kBeyond;
  }
  if (ahead == 0) {
    answer_later(stream, seq, path, stamp, stream.held != 0, now);
    ++stream.next;
    ++counters_.delivered;
    return Verdict::kDeliver;
  }
  if (held_ == config_.held) {
    answer_later(stream, seq, path, stamp, false, now);
    ++counters_.no_room;
    return Verdict::kNoRoom;
  }
  answer_later(stream, seq, path, stamp, stream.held == 0, now);
  stream.tokens[seq & (config_.stream_frames - 1)] = token;
  mark(stream, seq, true);
  ++stream.held;
  ++held_;
  return Verdict::kHold;
}

std::optional<uint64_t> Receiver::next_held(uint16_t id) noexcept {
  Stream& stream = streams_[id];
  if (stream.held == 0 || !is_here(stream, stream.next)) return std::nullopt;
  const uint64_t token = stream.tokens[stream.next & (config_.stream_frames - 1)];
  mark(stream, stream.next, false);
  ++stream.next;
  --stream.held;
  --held_;
  ++counters_.delivered;
  return token;
}

/// A repair and the newest frames may be further apart than a map reaches: then the stream answers with two Acks.
void Receiver::tell(Stream& stream, uint32_t seq) noexcept {
  if (stream.unanswered == 0) {
    stream.lowest = seq;
    return;
  }
  uint32_t high = seq;
  if (static_cast<int32_t>(seq - stream.lowest) < 0) std::swap(high, stream.lowest);
  if (high - stream.lowest < kMapReach) return;
  if (!stream.has_far || static_cast<int32_t>(high - stream.far) < 0) stream.far = high;
  stream.has_far = true;
}

/// The Ack answers the first frame since the last one, so that the round trip counts all of the wait.
void Receiver::answer_later(Stream& stream, uint32_t seq, uint8_t path, Time stamp, bool at_once, Time now) noexcept {
  tell(stream, seq);
  if (stream.unanswered++ == 0 || stream.path != path) {
    stream.came = now;
    stream.stamp = stamp;
    stream.path = path;
  }
  const Time due = at_once || stream.unanswered >= config_.ack_every ? now : now + config_.ack_delay;
  stream.due = std::min(stream.due, due);
}

bool Receiver::next_ack(Time now, Ack& ack) noexcept {
  for (size_t i = 0; i < streams_.size(); ++i) {
    const auto id = static_cast<uint16_t>((turn_ + i) % streams_.size());
    Stream& stream = streams_[id];
    if (stream.due > now) continue;
    turn_ = static_cast<uint16_t>((id + 1) % streams_.size());
    fill(stream, id, now, ack);
    stream.due = stream.has_far ? now : kNever;
    stream.unanswered = stream.has_far ? 1 : 0;
    stream.lowest = stream.far;
    stream.has_far = false;
    ++counters_.acks;
    return true;
  }
  return false;
}

/// A sender whose grant is used up waits for nothing but an Ack.
void Receiver::on_consumed(uint64_t bytes) noexcept {
  consumed_ += bytes;
  if (consumed_ - told_ >= config_.bytes / 2) streams_[0].due = 0;
}

/// Frames beyond the next one that have a place here: the stream's share of the places that are free, beside those that
/// it has taken. The next frame itself needs none.
uint32_t Receiver::places(const Stream& stream) const noexcept {
  const auto active = static_cast<uint32_t>(
      std::count_if(streams_.begin(), streams_.end(), [](const Stream& s) { return s.held != 0 || s.due != kNever; }));
  const uint32_t share = (config_.held - held_) / std::max(active, 1u);
  return std::min(config_.stream_frames, 1 + stream.held + share);
}

void Receiver::fill(const Stream& stream, uint16_t id, Time now, Ack& ack) noexcept {
  ack.stream = id;
  ack.path = stream.path;
  ack.next = stream.next;
  ack.words = 0;
  ack.frames = places(stream);
  ack.bytes = consumed_ + config_.bytes;
  told_ = consumed_;
  ack.stamp = stream.unanswered == 0 ? 0 : stream.stamp;
  ack.held = now - stream.came;
  ack.first = stream.next + 1;
  // Where the map is too short for all that is here, what came since the last Ack is told first.
  const uint32_t ahead = stream.lowest - ack.first;
  if (config_.stream_frames > kAckWords * 64 && ahead < config_.stream_frames) ack.first += ahead / 64 * 64;
  uint32_t found = 0;
  const uint32_t most = std::min(config_.stream_frames - 1 - (ack.first - stream.next - 1), kAckWords * 64);
  for (uint32_t i = 0; i < most && found < stream.held; ++i) {
    if (i % 64 == 0) ack.map[ack.words++] = 0;
    if (!is_here(stream, ack.first + i)) continue;
    ack.map[i / 64] |= uint64_t{1} << i % 64;
    ++found;
  }
}

Time Receiver::next_event() const noexcept {
  Time next = kNever;
  for (const Stream& stream : streams_) next = std::min(next, stream.due);
  return next;
}

}  // namespace pfs::transport
