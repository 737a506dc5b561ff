#include "transport/receiver.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace pfs::transport {
namespace {

constexpr uint32_t kMapFrames = kAckWords * 64;
constexpr uint8_t kTellings = 4;       // of a frame, where a map does not reach all that is here: Acks are lost, too
constexpr uint64_t kLeastNews = 16;    // parts of all bytes: what a grant must have grown by to be told of at once
constexpr uint32_t kLeastRelief = 64;  // of 255: what the pressure must have fallen by, likewise

}  // namespace

Receiver::Receiver(const ReceiverConfig& config, const Opening& opening) : config_(config) {
  streams_.reserve(config.streams);
  for (uint32_t i = 0; i < config.streams; ++i) streams_.emplace_back(config.stream_frames);
  reset(opening);
}

void Receiver::reset(const Opening& opening) noexcept {
  assert(held_ == 0);
  for (Stream& stream : streams_) {
    if (stream.due != kNever) unschedule(stream);
    stream.unanswered = 0;
    stream.telling = false;
    stream.path = 0;
    stream.stamp = 0;
    stream.next_seq = opening.first_seq;
  }
  open_streams_ = std::min(opening.streams, config_.streams);
  first_seq_ = opening.first_seq;
  held_back_ = false;
  delivered_ = 0;
  granted_ = told_ = std::min(config_.bytes, opening.bytes);
  pressure_ = told_pressure_ = 0;
  counters_ = {};
}

Receiver::Verdict Receiver::on_frame(const Incoming& frame, Time now) noexcept {
  if (frame.stream >= open_streams_) {
    ++counters_.unknown;
    return Verdict::kUnknown;
  }
  Stream& stream = streams_[frame.stream];
  const auto ahead = static_cast<int32_t>(frame.seq - stream.next_seq);
  const bool known = ahead < 0 || (static_cast<uint32_t>(ahead) < config_.stream_frames && stream.here.test(frame.seq));
  if (known) {  // the sender has not heard of it: it is told at once
    if (ahead >= 0) news(stream, frame.seq) = kTellings;
    answer_later(stream, frame.path, frame.stamp, true, now);
    ++counters_.duplicates;
    return Verdict::kDuplicate;
  }
  if (static_cast<uint32_t>(ahead) >= config_.stream_frames) {
    ++counters_.beyond;
    return Verdict::kBeyond;
  }
  if (ahead == 0 && !held_back_) {
    answer_later(stream, frame.path, frame.stamp, stream.held != 0, now);
    ++stream.next_seq;
    ++counters_.delivered;
    delivered_ += frame.denoted;
    return Verdict::kDeliver;
  }
  if (spare() == 0) {
    answer_later(stream, frame.path, frame.stamp, false, now);
    ++counters_.no_room;
    return Verdict::kNoRoom;
  }
  answer_later(stream, frame.path, frame.stamp, stream.held == 0, now);
  stream.places[frame.seq & (config_.stream_frames - 1)] = {.token = frame.token, .denoted = frame.denoted};
  stream.here.set(frame.seq);
  news(stream, frame.seq) = kTellings;
  if (stream.held == 0 || static_cast<int32_t>(frame.seq - stream.top) >= 0) stream.top = frame.seq + 1;
  ++stream.held;
  ++held_;
  return Verdict::kHold;
}

uint64_t Receiver::let_go(Stream& stream, uint32_t seq) noexcept {
  const Place& place = stream.places[seq & (config_.stream_frames - 1)];
  stream.here.clear(seq);
  --stream.held;
  --held_;
  if (stream.held == 0 && stream.due == kNever) --active_;
  delivered_ += place.denoted;
  return place.token;
}

std::optional<uint64_t> Receiver::next_held(uint16_t id) noexcept {
  Stream& stream = streams_[id];
  if (held_back_ || stream.held == 0 || !stream.here.test(stream.next_seq)) return std::nullopt;
  ++counters_.delivered;
  const uint64_t token = let_go(stream, stream.next_seq++);
  // Frames that were held back free their places without another frame that an Ack would answer.
  if (stream.due == kNever) schedule(stream, true, 0);
  return token;
}

void Receiver::schedule(Stream& stream, bool at_once, Time now) noexcept {
  if (stream.due == kNever) {
    if (stream.held == 0) ++active_;
  } else if (stream.due == 0 || !at_once) {
    return;
  } else {
    remove(streams_, later_, static_cast<uint32_t>(&stream - streams_.data()));
  }
  stream.due = at_once ? 0 : now + config_.ack_delay;
  append(streams_, at_once ? soon_ : later_, static_cast<uint32_t>(&stream - streams_.data()));
}

void Receiver::unschedule(Stream& stream) noexcept {
  remove(streams_, stream.due == 0 ? soon_ : later_, static_cast<uint32_t>(&stream - streams_.data()));
  stream.due = kNever;
  if (stream.held == 0) --active_;
}

/// The Ack answers the first frame since the last one, so that the round trip counts all of the wait.
void Receiver::answer_later(Stream& stream, uint8_t path, Time stamp, bool at_once, Time now) noexcept {
  if (stream.unanswered++ == 0 || stream.path != path) {
    stream.came = now;
    stream.stamp = stamp;
    stream.path = path;
  }
  schedule(stream, at_once || stream.unanswered >= config_.ack_every, now);
}

bool Receiver::lacks(uint16_t id, uint32_t seq) const noexcept {
  if (id >= open_streams_) return false;
  const Stream& stream = streams_[id];
  return seq - stream.next_seq < config_.stream_frames && !stream.here.test(seq);
}

void Receiver::answer_all(Time now) noexcept {
  for (uint32_t i = 0; i < open_streams_; ++i)
    if (streams_[i].next_seq != first_seq_ || streams_[i].held != 0) schedule(streams_[i], true, now);
}

void Receiver::on_ping(uint8_t path, Time stamp, Time now) noexcept {
  answer_later(streams_[0], path, stamp, true, now);
}

/// What was delivered since the gauge was read counts as worked on until the gauge is read again. A sender whose grant
/// is used up waits for nothing but an Ack, so one goes out when there is room for more than twice what is left to it.
void Receiver::on_backlog(uint64_t outstanding, uint8_t pressure, Time now) noexcept {
  const uint64_t most = delivered_ + config_.bytes;
  granted_ = std::max(granted_, most - std::min(outstanding, most));
  pressure_ = pressure;
  const uint64_t left = told_ - std::min(told_, delivered_);
  const bool more = granted_ >= delivered_ + 2 * left + config_.bytes / kLeastNews;
  if (more || pressure + kLeastRelief <= told_pressure_) schedule(streams_[0], true, now);
}

bool Receiver::next_ack(Time now, Ack& ack) noexcept {
  const uint32_t index = soon_.count != 0 ? soon_.head : later_.head;
  if (index == kNone || streams_[index].due > now) return false;
  Stream& stream = streams_[index];
  if (!stream.telling) stream.in_round = stream.unanswered;
  fill(stream, now, ack);
  unschedule(stream);
  ++counters_.acks;
  if (stream.telling) {
    schedule(stream, true, now);
    return true;
  }
  stream.unanswered -= stream.in_round;
  if (stream.unanswered != 0) schedule(stream, false, now);  // they came while the round was under way
  return true;
}

/// Frames beyond the next one that have a place here: the stream's share of the places that are free, beside those that
/// it has taken. The next frame itself needs none.
uint32_t Receiver::places(const Stream& stream) const noexcept {
  const uint32_t share = spare() / std::max(active_, 1u);
  return std::min(config_.stream_frames, 1 + stream.held + share);
}

void Receiver::fill(Stream& stream, Time now, Ack& ack) noexcept {
  ack.stream = static_cast<uint16_t>(&stream - streams_.data());
  ack.path = stream.path;
  ack.pressure = told_pressure_ = pressure_;
  ack.next = stream.next_seq;
  ack.words = 0;
  ack.frames = places(stream);
  ack.bytes = told_ = granted_;
  ack.stamp = stream.unanswered == 0 ? 0 : stream.stamp;
  ack.held = now - stream.came;
  draw_map(stream, ack);
}

/// What is here of the frame and the 63 that follow, as far as the stream has places for them.
uint64_t Receiver::bits(const Stream& stream, uint32_t seq) const noexcept {
  const uint32_t reach = stream.next_seq + config_.stream_frames - seq;
  return stream.here.from(seq) & (reach < 64 ? (uint64_t{1} << reach) - 1 : ~uint64_t{0});
}

/// A map tells of all that is here, if it reaches so far. Otherwise a round of Acks tells of the blocks in which frames
/// have come of late, each a few times.
void Receiver::draw_map(Stream& stream, Ack& ack) noexcept {
  ack.first = stream.next_seq + (held_back_ ? 0 : 1);  // the next frame itself may be here and held back
  if (stream.held == 0) {
    stream.telling = false;
    return;
  }
  const uint32_t top = stream.top;
  const bool whole = !stream.telling && top - ack.first <= kMapFrames;
  if (stream.telling && static_cast<int32_t>(stream.told - ack.first) > 0) ack.first = stream.told;
  const auto left = [&](uint32_t seq) { return static_cast<int32_t>(top - seq) > 0; };
  while (!whole && left(ack.first) && news(stream, ack.first) == 0) ack.first += kBlock - ack.first % kBlock;
  uint32_t at = ack.first;
  for (; left(at) && ack.words < kAckWords && (whole || news(stream, at) != 0); at += 64) {
    ack.map[ack.words++] = bits(stream, at);
    const bool block_ends = (at + 64) / kBlock != at / kBlock || !left(at + 64);
    if (block_ends && news(stream, at) != 0) --news(stream, at);
  }
  while (!whole && left(at) && news(stream, at) == 0) at += kBlock - at % kBlock;
  stream.telling = !whole && left(at);
  stream.told = at;
}

Time Receiver::next_event() const noexcept {
  if (soon_.count != 0) return 0;
  return later_.count == 0 ? kNever : streams_[later_.head].due;
}

}  // namespace pfs::transport
