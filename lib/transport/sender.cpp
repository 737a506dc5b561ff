#include "transport/sender.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace pfs::transport {
namespace {

constexpr uint32_t kLookAhead = 64;  // repairs whose turn it is not yet that are passed over
constexpr uint32_t kTurnFrames = 8;  // of a stream in a row; 64 streams share a link without an Ack for each frame

}  // namespace

Sender::Sender(const SenderConfig& config, SenderSink& sink, const Opening& opening)
    : config_(config), sink_(sink), flights_(config.frames), denotes_(config.frames), paths_(config.paths) {
  assert(config.paths != 0 && config.paths <= 32);
  streams_.reserve(config.streams);
  for (uint32_t i = 0; i < config.streams; ++i) streams_.emplace_back(config.stream_frames);
  reset(opening);
}

void Sender::give_up() noexcept {
  for (Stream& stream : streams_) {
    for (uint32_t seq = stream.first; seq != stream.next_seq; ++seq) {
      const uint32_t index = flight_of(stream, seq);
      if (index == kNone) continue;
      flight_of(stream, seq) = kNone;
      stream.open.clear(seq);
      sink_.on_given_up(flights_[index].token);
      const Flight& flight = flights_[index];
      if (flight.transmissions != 0) flights_.remove(flight.flying ? paths_[flight.path].flying : lost_, index);
      flights_.give_back(index);
    }
    stream.first = stream.unsent = stream.next_seq;
    look(stream);
  }
}

void Sender::reset(const Opening& opening) noexcept {
  assert(unacknowledged() == 0);
  open_streams_ = std::min(opening.streams, config_.streams);
  for (Stream& stream : streams_) {
    stream.next_seq = stream.unsent = stream.first = stream.told = opening.first_seq;
    stream.limit = opening.first_seq + std::clamp(opening.frames, 1u, config_.stream_frames);
  }
  for (Path& path : paths_) path = Path();
  denoted_ = 0;
  denoted_limit_ = opening.bytes;
  denoted_granted_ = false;
  pressure_ = 0;
  ask_at_ = 0;
  probes_ = 0;
  push_ = false;
  pings_ = 0;
  counters_ = {};
}

void Sender::add_path(uint8_t index, const PathConfig& config, Time now) noexcept {
  assert(index < paths_.size());
  remove_path(index);
  paths_[index] = Path(config, now);
  paths_[index].on_pressure(pressure_, now);
}

void Sender::remove_path(uint8_t index) noexcept {
  while (paths_[index].flying.count != 0) lose(paths_[index], paths_[index].flying.head);
  for (uint32_t at = lost_.head; at != kNone; at = flights_[at].next)
    if (flights_[at].path == index) flights_[at].path = kNoPath;
  paths_[index] = Path();
  pings_ &= ~(1u << index);
}

uint32_t Sender::room(uint16_t id) const noexcept {
  if (id >= open_streams_ || denoted_ > denoted_limit_) return 0;
  const Stream& stream = streams_[id];
  const uint32_t window = config_.stream_frames - (stream.next_seq - stream.first);
  const auto grant = static_cast<int32_t>(stream.limit - stream.next_seq);
  return std::min({window, grant < 0 ? 0 : static_cast<uint32_t>(grant), flights_.spare()});
}

uint32_t Sender::submit(uint16_t id, uint64_t token, uint32_t wire_bytes, uint64_t denoted) noexcept {
  assert(room(id) != 0);
  Stream& stream = streams_[id];
  const uint32_t index = flights_.take();
  Flight& flight = flights_[index];
  flight.token = token;
  flight.seq = stream.next_seq++;
  flight.wire_bytes = wire_bytes;
  flight.stream = id;
  denotes_[index] = denoted;
  flight_of(stream, flight.seq) = index;
  stream.open.set(flight.seq);
  denoted_ += denoted;
  ++counters_.submitted;
  if (!stream.ready) look(stream);
  return flight.seq;
}

/// Puts the stream into the list of those that have a frame to send for the first time, or takes it out.
void Sender::look(Stream& stream) noexcept {
  const bool ready = stream.unsent != stream.next_seq && static_cast<int32_t>(stream.unsent - stream.limit) < 0;
  if (ready == stream.ready) return;
  stream.ready = ready;
  stream.turn = kTurnFrames;
  const auto id = static_cast<uint32_t>(&stream - streams_.data());
  ready ? append(streams_, ready_, id) : transport::remove(streams_, ready_, id);
}

/// The first repair that the peer has a place for, among those in front.
uint32_t Sender::sendable_repair() const noexcept {
  uint32_t index = lost_.head;
  for (uint32_t looked = 0; index != kNone && looked < kLookAhead; ++looked, index = flights_[index].next) {
    const Flight& flight = flights_[index];
    if (static_cast<int32_t>(flight.seq - streams_[flight.stream].limit) < 0) return index;
  }
  return kNone;
}

uint32_t Sender::waiting() const noexcept {
  const uint32_t index = sendable_repair();
  if (index != kNone || (ready_.count == 0 && !push_)) return index;
  if (ready_.count == 0 && lost_.count != 0) return lost_.head;
  const auto first = ready_.count != 0 ? streams_.begin() + ready_.head
                                       : std::find_if(streams_.begin(), streams_.end(), [](const Stream& stream) {
                                           return stream.unsent != stream.next_seq;
                                         });
  return first == streams_.end() ? kNone : first->flights[first->unsent & (config_.stream_frames - 1)];
}

uint32_t Sender::longest() const noexcept {
  uint32_t longest = 0;
  for (const Stream& stream : streams_)
    for (uint32_t seq = stream.first; seq != stream.next_seq; ++seq)
      if (stream.open.test(seq))
        longest = std::max(longest, flights_[stream.flights[seq & (config_.stream_frames - 1)]].wire_bytes);
  return longest;
}

/// Of the paths that may send now the one with the shortest round trip.
std::optional<uint8_t> Sender::choose_path(uint32_t bytes, Time now) const noexcept {
  std::optional<uint8_t> best;
  for (uint32_t i = 0; i < paths_.size(); ++i) {
    const Path& path = paths_[i];
    if (!path.carries(bytes) || (probes_ == 0 && (path.pace_at(now) > now || !path.has_window(bytes)))) continue;
    if (!best || path.round_trip() < paths_[*best].round_trip()) best = static_cast<uint8_t>(i);
  }
  return best;
}

std::optional<Departure> Sender::depart(Time now) noexcept {
  if (pings_ != 0) return depart_ping(now);
  const uint32_t index = waiting();
  if (index == kNone) {
    for (Path& path : paths_) path.on_idle();
    return std::nullopt;
  }
  Flight& flight = flights_[index];
  const std::optional<uint8_t> chosen = choose_path(flight.wire_bytes, now);
  if (!chosen) return std::nullopt;
  if (probes_ != 0) --probes_;
  push_ = false;
  const bool repair = flight.transmissions != 0;
  if (repair) {
    flights_.remove(lost_, index);
  } else {
    Stream& stream = streams_[flight.stream];
    ++stream.unsent;
    if (stream.ready && --stream.turn == 0) {
      transport::remove(streams_, ready_, flight.stream);
      stream.ready = false;
    }
    look(stream);
  }
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
                   .denoted = denotes_[index],
                   .repair = repair};
}

std::optional<Departure> Sender::depart_ping(Time now) noexcept {
  const auto path = static_cast<uint8_t>(std::countr_zero(pings_));
  pings_ &= pings_ - 1;
  ++counters_.pings;
  return Departure{.path = path, .stamp = now, .ping = true};
}

}  // namespace pfs::transport
