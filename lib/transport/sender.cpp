#include "transport/sender.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace pfs::transport {
namespace {

constexpr uint32_t kLookAhead = 64;             // frames whose turn it is not yet that are passed over
constexpr uint32_t kUngrantedFrames = 256;      // of a stream that may be sent before the peer has granted any
constexpr uint64_t kUngrantedBytes = 64 << 20;  // denoted bytes, likewise

}  // namespace

Sender::Sender(const SenderConfig& config, SenderSink& sink)
    : config_(config),
      sink_(sink),
      flights_(config.frames),
      streams_(config.streams),
      paths_(config.paths, Path(config.path)),
      denoted_limit_(kUngrantedBytes),
      ping_(config.paths) {
  assert(std::has_single_bit(config.stream_frames) && config.paths != 0);
  for (Stream& stream : streams_) {
    stream.flights.assign(config.stream_frames, kNone);
    stream.next = stream.unsent = stream.first = stream.told = config.first_seq;
    stream.limit = config.first_seq + std::min(config.stream_frames, kUngrantedFrames);
  }
}

uint32_t Sender::room(uint16_t id) const noexcept {
  if (id >= streams_.size() || denoted_ > denoted_limit_) return 0;
  const Stream& stream = streams_[id];
  const uint32_t window = config_.stream_frames - (stream.next - stream.first);
  const auto grant = static_cast<int32_t>(stream.limit - stream.next);
  return std::min({window, grant < 0 ? 0 : static_cast<uint32_t>(grant), flights_.spare()});
}

uint32_t Sender::submit(uint16_t id, uint64_t token, uint32_t wire_bytes, uint64_t denoted) noexcept {
  assert(room(id) != 0);
  Stream& stream = streams_[id];
  const uint32_t index = flights_.take();
  Flight& flight = flights_[index];
  flight.token = token;
  flight.seq = stream.next++;
  flight.wire_bytes = wire_bytes;
  flight.stream = id;
  stream.flights[flight.seq & (config_.stream_frames - 1)] = index;
  flights_.append(fresh_, index);
  denoted_ += denoted;
  ++counters_.submitted;
  return flight.seq;
}

/// The first of the list that the peer has a place for, among those in front.
uint32_t Sender::sendable(const FlightList& list) const noexcept {
  uint32_t index = list.head;
  for (uint32_t looked = 0; index != kNone && looked < kLookAhead; ++looked, index = flights_[index].next) {
    const Flight& flight = flights_[index];
    if (static_cast<int32_t>(flight.seq - streams_[flight.stream].limit) < 0) return index;
  }
  return kNone;
}

uint32_t Sender::waiting() const noexcept {
  const uint32_t index = sendable(lost_);
  return index != kNone ? index : sendable(fresh_);
}

/// Of the paths that may send now the one with the shortest round trip.
std::optional<uint8_t> Sender::choose_path(uint32_t bytes, Time now) const noexcept {
  std::optional<uint8_t> best;
  for (uint32_t i = 0; i < paths_.size(); ++i) {
    const Path& path = paths_[i];
    if (path.dead() || (!probe_ && (path.pace_at(now) > now || !path.has_window(bytes)))) continue;
    if (!best || path.round_trip() < paths_[*best].round_trip()) best = static_cast<uint8_t>(i);
  }
  return best;
}

std::optional<Departure> Sender::depart(Time now) noexcept {
  if (const auto ping = depart_ping(now)) return ping;
  const uint32_t index = waiting();
  if (index == kNone) {
    for (Path& path : paths_) path.on_idle();
    return std::nullopt;
  }
  Flight& flight = flights_[index];
  const std::optional<uint8_t> chosen = choose_path(flight.wire_bytes, now);
  if (!chosen) return std::nullopt;
  probe_ = false;
  const bool repair = flight.transmissions != 0;
  flights_.remove(repair ? lost_ : fresh_, index);
  if (!repair) streams_[flight.stream].unsent = flight.seq + 1;
  Path& path = paths_[*chosen];
  flight.path = *chosen;
  path.on_sent(flight, now);
  flights_.append(path.flying, index);
  ++counters_.sent;
  counters_.repairs += repair;
  return Departure{.token = flight.token,
                   .seq = flight.seq,
                   .stream = flight.stream,
                   .path = *chosen,
                   .stamp = now,
                   .repair = repair};
}

std::optional<Departure> Sender::depart_ping(Time now) noexcept {
  for (uint32_t i = 0; i < paths_.size(); ++i) {
    if (!ping_[i]) continue;
    ping_[i] = false;
    ++counters_.pings;
    return Departure{.path = static_cast<uint8_t>(i), .stamp = now, .ping = true};
  }
  return std::nullopt;
}

/// A peer can only speak of what was sent to it.
bool Sender::refuses(const Ack& ack) const noexcept {
  if (ack.stream >= streams_.size() || ack.path >= paths_.size() || ack.words > kAckWords) return true;
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
  while (static_cast<int32_t>(ack.next - stream.first) > 0) arrive(stream, stream.first++, now);
  for (uint32_t word = 0; word < ack.words; ++word) {
    for (uint64_t bits = ack.map[word]; bits != 0; bits &= bits - 1) {
      const uint32_t seq = ack.first + word * 64 + static_cast<uint32_t>(std::countr_zero(bits));
      if (seq - stream.first < stream.unsent - stream.first) arrive(stream, seq, now);
    }
  }
  hurry(stream);
  paths_[ack.path].on_echo(ack.stamp, ack.held, now);
  if (static_cast<int32_t>(ack.next - stream.told) >= 0) {  // Acks that overtook one another grant nothing anew
    stream.told = ack.next;
    stream.limit = ack.next + std::clamp(ack.frames, 1u, config_.stream_frames);
  }
  denoted_limit_ = denoted_granted_ ? std::max(denoted_limit_, ack.bytes) : ack.bytes;
  denoted_granted_ = true;
  for (Path& path : paths_) find_lost(path, now);
}

void Sender::arrive(Stream& stream, uint32_t seq, Time now) noexcept {
  uint32_t& place = stream.flights[seq & (config_.stream_frames - 1)];
  if (place == kNone) return;  // known already
  const uint32_t index = place;
  place = kNone;
  Flight& flight = flights_[index];
  if (flight.flying) {
    Path& path = paths_[flight.path];
    flights_.remove(path.flying, index);
    if (!path.on_arrived(flight, now)) ++counters_.needless;
  } else {
    // The frame was given up too early and waits to be sent again; refuses() lets no Ack speak of one never sent.
    flights_.remove(lost_, index);
    paths_[flight.path].on_late(flight, now);
  }
  ++counters_.arrived;
  sink_.on_arrived(flight.token);
  flights_.give_back(index);
}

void Sender::lose(Path& path, uint32_t index) noexcept {
  Flight& flight = flights_[index];
  flights_.remove(path.flying, index);
  path.on_left(flight);
  flight.flying = false;
  if (flight.seq == streams_[flight.stream].first)
    flights_.prepend(lost_, index);
  else
    flights_.append(lost_, index);
}

/// What a stream waits for goes before its other repairs: a receiver whose places are taken can use no other frame.
void Sender::hurry(const Stream& stream) noexcept {
  if (stream.first == stream.unsent) return;
  const uint32_t index = stream.flights[stream.first & (config_.stream_frames - 1)];
  if (index == kNone || flights_[index].flying) return;
  flights_.remove(lost_, index);
  flights_.prepend(lost_, index);
}

void Sender::find_lost(Path& path, Time now) noexcept {
  while (path.flying.count != 0 && path.lost_at(flights_[path.flying.head]) <= now) lose(path, path.flying.head);
}

void Sender::on_time(Time now) noexcept {
  for (size_t i = 0; i < paths_.size(); ++i) {
    find_lost(paths_[i], now);
    if (paths_[i].timeout_at() <= now) on_silence(i, now);
  }
  if (now < ask_at_ || unacknowledged() != 0 || !wants_grant()) return;
  ask_at_ = now + config_.path.most_timeout / 8;
  ping_[0] = true;
}

/// After a silence the oldest frame goes again: the last frames of a burst have no later ones that could show their
/// loss, and an Ack of any frame tells which are missing. After the next silence everything in flight counts as lost,
/// and in the end the path is asked by pings only.
void Sender::on_silence(size_t index, Time now) noexcept {
  Path& path = paths_[index];
  path.on_timeout(now);
  ++counters_.timeouts;
  if (path.timeouts() == 1) {
    lose(path, path.flying.head);
    probe_ = true;
    return;
  }
  while (path.flying.count != 0) lose(path, path.flying.head);
  if (path.dead())
    ping_[index] = true;
  else
    probe_ = true;
}

/// True if the peer's grant is what keeps the owner from submitting. An Ack that raised the grant may have been lost.
bool Sender::wants_grant() const noexcept {
  return denoted_ > denoted_limit_ || std::any_of(streams_.begin(), streams_.end(),
                                                  [](const Stream& stream) { return stream.next == stream.limit; });
}

Time Sender::next_event(Time now) const noexcept {
  Time next = kNever;
  const uint32_t index = waiting();
  for (const Path& path : paths_) {
    next = std::min(next, path.timeout_at());
    if (path.flying.count != 0) next = std::min(next, path.lost_at(flights_[path.flying.head]));
    if (index != kNone && !path.dead() && path.has_window(flights_[index].wire_bytes))
      next = std::min(next, path.pace_at(now));
  }
  if (unacknowledged() == 0 && wants_grant()) next = std::min(next, ask_at_);
  const bool at_once =
      (probe_ && index != kNone) || std::any_of(ping_.begin(), ping_.end(), [](bool due) { return due; });
  return at_once ? now : next;
}

}  // namespace pfs::transport
