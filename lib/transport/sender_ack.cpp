// What the peer says, and what the sender makes of it.
#include <algorithm>
#include <bit>

#include "transport/sender.hpp"

namespace pfs::transport {

/// A peer can only speak of what was sent to it.
bool Sender::refuses(const Ack& ack) const noexcept {
  if (ack.stream >= open_streams_ || ack.path >= paths_.size() || ack.words > kAckWords) return true;
  const Stream& stream = streams_[ack.stream];
  const uint32_t sent = stream.unsent - stream.first;
  const uint32_t told = ack.next - stream.first;
  const bool old = static_cast<int32_t>(told) < 0;
  return !old && told > sent;
}

void Sender::on_ack(const Ack& ack, Time now) noexcept {
  if (refuses(ack)) {
    ++counters_.acks_refused;
    return;
  }
  Stream& stream = streams_[ack.stream];
  for (; static_cast<int32_t>(ack.next - stream.first) > 0; ++stream.first)
    if (stream.open.test(stream.first)) arrive(stream, stream.first, now);
  for (uint32_t word = 0; word < ack.words; ++word) {
    const uint32_t seq = ack.first + word * 64;
    for (uint64_t bits = ack.map[word] & stream.open.from(seq); bits != 0; bits &= bits - 1) {
      const uint32_t named = seq + static_cast<uint32_t>(std::countr_zero(bits));
      if (named - stream.first < stream.unsent - stream.first) arrive(stream, named, now);
    }
  }
  hurry(stream);
  paths_[ack.path].on_echo(ack.stamp, ack.held, now);
  take_grant(stream, ack, now);
  for (Path& path : paths_) find_lost(path, now);
}

/// Acks that overtook one another grant nothing anew.
void Sender::take_grant(Stream& stream, const Ack& ack, Time now) noexcept {
  if (static_cast<int32_t>(ack.next - stream.told) >= 0) {
    stream.told = ack.next;
    stream.limit = ack.next + std::clamp(ack.frames, 1u, config_.stream_frames);
    look(stream);
  }
  denoted_limit_ = denoted_granted_ ? std::max(denoted_limit_, ack.bytes) : ack.bytes;
  denoted_granted_ = true;
  if (ack.pressure == pressure_) return;
  pressure_ = ack.pressure;
  for (Path& path : paths_) path.on_pressure(pressure_, now);
}

void Sender::arrive(Stream& stream, uint32_t seq, Time now) noexcept {
  const uint32_t index = flight_of(stream, seq);
  flight_of(stream, seq) = kNone;
  stream.open.clear(seq);
  Flight& flight = flights_[index];
  if (flight.flying) {
    Path& path = paths_[flight.path];
    flights_.remove(path.flying, index);
    if (!path.on_arrived(flight, now)) ++counters_.needless;
  } else {
    // The frame was given up too early and waits to be sent again; refuses() lets no Ack speak of one never sent.
    flights_.remove(lost_, index);
    if (flight.path != kNoPath) paths_[flight.path].on_late(flight, now);
  }
  ++counters_.arrived;
  sink_.on_arrived(flight.token);
  flights_.give_back(index);
}

void Sender::on_nack(uint16_t id, uint32_t seq, uint32_t count, Time now) noexcept {
  bool meant = false;
  if (id < open_streams_) {
    Stream& stream = streams_[id];
    // Only what may be in flight is looked at, however much is named.
    if (const auto before = static_cast<int32_t>(stream.first - seq); before > 0) {
      const uint32_t skipped = std::min(count, static_cast<uint32_t>(before));
      seq += skipped;
      count -= skipped;
    }
    const uint32_t offset = seq - stream.first, flown = stream.unsent - stream.first;
    count = offset < flown ? std::min(count, flown - offset) : 0;
    for (uint32_t i = 0; i < count; ++i) {
      if (!stream.open.test(seq + i)) continue;
      const uint32_t index = flight_of(stream, seq + i);
      const Flight& flight = flights_[index];
      if (!flight.flying || !paths_[flight.path].may_be_nacked(flight, now)) continue;
      lose(paths_[flight.path], index);
      ++counters_.nacked;
      meant = true;
    }
    hurry(stream);
  }
  if (!meant) ++counters_.nacks_refused;
}

}  // namespace pfs::transport
