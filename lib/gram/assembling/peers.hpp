#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "gram/assembling/assembler.hpp"
#include "gram/assembling/stream.hpp"
#include "wire/ethernet.hpp"

namespace pfs {

/// By what senders are told apart.
struct PeerKey {
  Source source;
  uint16_t port = 0;
  bool operator==(const PeerKey&) const = default;
};

/// A sender, its streams, and its part of what all senders share.
struct Peer {
  PeerKey key;
  uint16_t index = 0;      ///< Gram::peer
  bool known = false;      ///< the place is taken
  bool completed = false;  ///< the peer has completed a gram
  uint32_t held = 0;       ///< frames held, of all its streams
  uint32_t open = 0;       ///< open grams, of all its streams
  uint64_t heard = 0;      ///< ticks, when its last good frame came
  /// Bytes that its grams which were given, and perhaps not yet released, denote. Released grams are taken off when
  /// the number matters, by looking at the pool.
  uint64_t outstanding = 0;
  uint64_t counted = UINT64_MAX;   ///< ticks, when `outstanding` was exact
  std::span<StreamState> streams;  ///< the first stream_count have been admitted
  uint32_t stream_count = 0;
  std::span<uint32_t> places;  ///< by hash of the stream's number: 1 + its place in `streams`; 0: none
  Window bare_window;          ///< of its bare frames, from one to the next as they come
  uint32_t bare_grams = 0;
};

/// The peers and streams that are known, in bounded tables whose memory is taken once.
class Peers {
 public:
  Peers(uint32_t peers, uint32_t streams_of_peer, uint32_t open_grams);

  /// Null if the frame's sender is not known. A plain Ethernet frame from the port and address of the last one is
  /// recognised by eight bytes.
  [[nodiscard]] Peer* find(const ReceivedFrame& frame) noexcept {
    if (frame.port == last_port_ && plain_source(frame.headers) == last_source_) [[likely]]
      return last_;
    return look_up(frame);
  }

  /// Null if the peer has no such stream.
  [[nodiscard]] static StreamState* find(const Peer& peer, uint16_t id) noexcept {
    const size_t mask = peer.places.size() - 1;
    for (size_t at = id & mask; peer.places[at] != 0; at = (at + 1) & mask) {
      StreamState& stream = peer.streams[peer.places[at] - 1];
      if (stream.id == id) [[likely]]
        return &stream;
    }
    return nullptr;
  }

  [[nodiscard]] bool full() const noexcept { return free_.empty(); }
  [[nodiscard]] uint32_t count() const noexcept { return static_cast<uint32_t>(peers_.size() - free_.size()); }
  [[nodiscard]] std::span<Peer> all() noexcept { return peers_; }
  [[nodiscard]] std::span<StreamState> streams() noexcept { return streams_; }

  /// A new peer. Only if not full.
  Peer& admit(const ReceivedFrame& frame) noexcept;
  /// A new stream of the peer. Only if stream_count < streams.size().
  static StreamState& admit(Peer& peer, uint16_t id, uint32_t key) noexcept;
  /// Only a peer that holds no frame and no gram.
  void forget(Peer& peer) noexcept;

 private:
  /// Source address and EtherType of an Ethernet frame without a tag or further headers; 0 for others.
  static uint64_t plain_source(std::span<const uint8_t> headers) noexcept {
    uint64_t source = 0;
    if (headers.size() == kEthernetHeaderBytes) std::memcpy(&source, headers.data() + 6, sizeof(source));
    return source;
  }
  [[nodiscard]] Peer* look_up(const ReceivedFrame& frame) noexcept;
  void remember(const ReceivedFrame& frame, Peer& peer) noexcept;
  [[nodiscard]] size_t slot_of(const PeerKey& key) const noexcept;

  std::vector<Peer> peers_;
  std::vector<StreamState> streams_;
  std::vector<OpenGrams::Slot> open_slots_;
  std::vector<uint32_t> places_;
  std::vector<uint16_t> index_;  // by hash of the key: 1 + the peer's index; 0: none
  std::vector<uint16_t> free_;   // indexes of peers that are not known
  Peer* last_ = nullptr;         // found last, by a frame from
  uint32_t last_port_ = UINT32_MAX;
  uint64_t last_source_ = 0;
};

}  // namespace pfs
