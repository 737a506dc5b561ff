#include <algorithm>

#include "gram/assembling/assembler_impl.hpp"

namespace pfs {

/// Whether one more frame of the peer may be held. Where all places are taken and another peer holds more than this
/// one, that peer's longest queue goes on without what it waits for.
bool Assembler::Impl::may_hold(Peer& peer) noexcept {
  if (peer.held >= config.peer_held) return false;
  if (!held.full()) return true;
  if (vain_hold == now) return false;  // one search in vain is enough for a burst
  const auto less = [](const StreamState* a, const StreamState* b) {
    return a->peer->held != b->peer->held ? a->peer->held < b->peer->held : a->held < b->held;
  };
  StreamState& most = **std::max_element(waiting.begin(), waiting.end(), less);
  if (most.peer->held <= peer.held + 1) {
    vain_hold = now;
    return false;
  }
  give_up_gap(most);
  return true;
}

/// Waits until a gram is spare for the peer. False: the run is over.
bool Assembler::Impl::wait_for_gram(const Peer& peer) noexcept {
  while (sink.serve()) {
    if (spare() != nullptr) return true;
    if (Gram* gram = dispensable(peer)) {
      give_up(*gram);
      return spare() != nullptr;
    }
  }
  return false;
}

/// The open gram that makes room for one more of the peer; null where waiting is better. A peer with more open grams
/// than its share of the pool loses one of them, this peer before others. Where every gram is open, none can come back,
/// so the oldest goes.
Gram* Assembler::Impl::dispensable(const Peer& peer) noexcept {
  uint32_t sharers = peer.open == 0 ? 1 : 0;
  const Peer* most = &peer;
  for (const Peer& other : peers.all()) {
    if (other.open > 0) ++sharers;
    if (other.open > most->open) most = &other;
  }
  const uint32_t share = std::max(pool.size() / std::max(sharers, 1U), 1U);
  const bool all_open = open_count == pool.size();
  if (peer.open > share || (all_open && peer.open == share)) return oldest_open(&peer);
  if (most->open > share) return oldest_open(most);
  return all_open ? oldest_open(nullptr) : nullptr;
}

/// `of`: a peer, or null for all. Null if no gram is open.
Gram* Assembler::Impl::oldest_open(const Peer* of) noexcept {
  Gram* oldest = nullptr;
  for (Gram& gram : pool.grams()) {
    if (!gram.open || (of != nullptr && gram.peer != of->index)) continue;
    if (oldest == nullptr || gram.order < oldest->order) oldest = &gram;
  }
  return oldest;
}

/// Why a whole gram cannot be given; kNone if it can. Those that the peer has had before and that are still worked on
/// count. A peer that is alone waits for them; where others are waiting behind its frames, its gram is dropped.
Drop Assembler::Impl::refusal_of(Peer& peer, const Gram& gram) noexcept {
  const auto fits = [&] { return peer.outstanding == 0 || peer.outstanding + gram.bytes <= config.peer_bytes; };
  if (fits()) [[likely]]
    return Drop::kNone;
  if (peer.counted != now) count_outstanding(peer, &gram);
  while (!fits()) {
    if (!alone(peer)) return Drop::kOverShare;
    if (!sink.serve()) return Drop::kStopped;
    count_outstanding(peer, &gram);
  }
  return Drop::kNone;
}

/// `but`: a gram that is not counted, or null. Grams are released by any thread but written only by this one, so that
/// a gram which is seen to be busy is the peer's in truth.
void Assembler::Impl::count_outstanding(Peer& peer, const Gram* but) noexcept {
  peer.outstanding = 0;
  for (const Gram& gram : pool.grams()) {
    if (gram.peer == peer.index && !gram.open && &gram != but && gram.busy.load(std::memory_order_relaxed))
      peer.outstanding += gram.bytes;
  }
  peer.counted = now;
}

/// No other peer has been heard lately.
bool Assembler::Impl::alone(const Peer& peer) noexcept {
  return std::none_of(peers.all().begin(), peers.all().end(), [&](const Peer& other) {
    return other.known && &other != &peer && now - other.heard <= config.idle_ticks;
  });
}

/// Whose place a new peer may take: that of a peer which holds nothing and has completed no gram, so that invented
/// addresses drive out one another; else that of a peer which has been silent for long enough. The longest silence
/// counts. Null if there is none; one search in vain is enough for a burst.
Peer* Assembler::Impl::idle_peer() noexcept {
  if (searched == now) return nullptr;
  Peer* longest = nullptr;
  for (Peer& peer : peers.all()) {
    if (!peer.known || peer.held > 0 || peer.open > 0) continue;
    if (peer.completed && now - peer.heard <= config.idle_ticks) continue;
    const auto rank = [](const Peer& of) { return std::pair(of.completed, of.heard); };
    if (longest == nullptr || rank(peer) < rank(*longest)) longest = &peer;
  }
  if (longest != nullptr) count_outstanding(*longest, nullptr);
  if (longest != nullptr && longest->outstanding == 0) return longest;
  searched = now;
  return nullptr;
}

/// The open gram will not be completed; all the frames that it took are dropped with it.
void Assembler::Impl::give_up(Gram& gram) noexcept {
  StreamState& stream = *Peers::find(peers.all()[gram.peer], gram.stream);
  drop(Drop::kIncompleteGram, gram.frames);
  counters.grams_incomplete.add(1);
  stream.numbers.lost(gram.number);
  close(stream, gram);
  gram.release();
}

void Assembler::Impl::age() noexcept {
  for (size_t at = waiting.size(); at-- > 0;) {
    StreamState& stream = *waiting[at];
    while (config.hold_ticks > 0 && stream.held > 0 && now - nearest_held(stream).arrived > config.hold_ticks)
      give_up_gap(stream);
  }
  if (config.gram_ticks == 0 || open_count == 0) return;
  for (Gram& gram : pool.grams()) {
    if (gram.open && now - gram.touched > config.gram_ticks) give_up(gram);
  }
}

void Assembler::Impl::flush() noexcept {
  while (!waiting.empty()) give_up_gap(*waiting.back());
  for (Gram& gram : pool.grams()) {
    if (gram.open) give_up(gram);
  }
  if (spare_gram != nullptr) spare_gram->release();
  spare_gram = nullptr;
}

}  // namespace pfs
