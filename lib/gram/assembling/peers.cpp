#include "gram/assembling/peers.hpp"

#include <bit>

namespace pfs {
namespace {

PeerKey key_of(const ReceivedFrame& frame) noexcept { return {.source = source_of(frame.headers), .port = frame.port}; }

/// A table of that many slots is at most half full.
size_t slots_for(uint32_t entries) noexcept { return std::bit_ceil(size_t{entries} * 2); }

uint64_t hash(const PeerKey& key) noexcept {
  static_assert(sizeof(Source) == 24);
  uint64_t words[3];
  std::memcpy(words, &key.source, sizeof(words));
  uint64_t sum = key.port;
  for (const uint64_t word : words) sum = (std::rotl(sum, 23) ^ word) * 0x9E3779B97F4A7C15;
  return sum ^ sum >> 32;
}

}  // namespace

Peers::Peers(uint32_t peers, uint32_t streams_of_peer, uint32_t open_grams)
    : peers_(peers),
      streams_(size_t{peers} * streams_of_peer),
      open_slots_(streams_.size() * open_grams),
      places_(peers * slots_for(streams_of_peer)),
      index_(slots_for(peers)) {
  const size_t places = slots_for(streams_of_peer);
  for (uint32_t i = 0; i < peers; ++i) {
    peers_[i].index = static_cast<uint16_t>(i);
    peers_[i].streams = std::span(streams_).subspan(size_t{i} * streams_of_peer, streams_of_peer);
    peers_[i].places = std::span(places_).subspan(i * places, places);
    free_.push_back(static_cast<uint16_t>(peers - 1 - i));
  }
  for (uint32_t i = 0; i < streams_.size(); ++i) {
    streams_[i].place = i;
    streams_[i].peer = &peers_[i / streams_of_peer];
    streams_[i].grams = OpenGrams(std::span(open_slots_).subspan(size_t{i} * open_grams, open_grams));
  }
}

/// The slot of the key, or the free one into which the key would go.
size_t Peers::slot_of(const PeerKey& key) const noexcept {
  const size_t mask = index_.size() - 1;
  size_t slot = hash(key) & mask;
  while (index_[slot] != 0 && peers_[index_[slot] - 1].key != key) slot = (slot + 1) & mask;
  return slot;
}

Peer* Peers::look_up(const ReceivedFrame& frame) noexcept {
  const PeerKey key = key_of(frame);
  if (last_ != nullptr && last_->key == key) return last_;
  const uint16_t found = index_[slot_of(key)];
  if (found == 0) return nullptr;
  remember(frame, peers_[found - 1]);
  return last_;
}

void Peers::remember(const ReceivedFrame& frame, Peer& peer) noexcept {
  last_ = &peer;
  last_source_ = plain_source(frame.headers);
  last_port_ = last_source_ == 0 ? UINT32_MAX : frame.port;
}

Peer& Peers::admit(const ReceivedFrame& frame) noexcept {
  Peer& peer = peers_[free_.back()];
  free_.pop_back();
  peer.key = key_of(frame);
  peer.known = true;
  index_[slot_of(peer.key)] = static_cast<uint16_t>(peer.index + 1);
  remember(frame, peer);
  return peer;
}

StreamState& Peers::admit(Peer& peer, uint16_t id, uint32_t key) noexcept {
  const size_t mask = peer.places.size() - 1;
  size_t at = id & mask;
  while (peer.places[at] != 0) at = (at + 1) & mask;
  StreamState& stream = peer.streams[peer.stream_count++];
  peer.places[at] = peer.stream_count;
  stream.id = id;
  stream.key = key;
  ++stream.admission;
  return stream;
}

void Peers::forget(Peer& peer) noexcept {
  for (StreamState& stream : peer.streams.first(peer.stream_count)) {
    stream = {.grams = stream.grams, .peer = &peer, .place = stream.place, .admission = stream.admission};
  }
  for (uint32_t& place : peer.places) place = 0;
  peer = {.index = peer.index, .streams = peer.streams, .places = peer.places};
  free_.push_back(peer.index);
  last_ = nullptr;
  last_port_ = UINT32_MAX;
  // Every entry is put in anew: a hole would end the search for those behind it too early.
  for (uint16_t& slot : index_) slot = 0;
  for (const Peer& other : peers_) {
    if (other.known) index_[slot_of(other.key)] = static_cast<uint16_t>(other.index + 1);
  }
}

}  // namespace pfs
