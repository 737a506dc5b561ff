#include "stages/assemble/acknowledge.hpp"

#include <rte_mbuf.h>

#include <algorithm>
#include <array>

#include "stages/output.hpp"
#include "stages/reply.hpp"
#include "wire/sending/writer.hpp"

namespace pfs {
namespace {

constexpr uint64_t kQuietPerSecond = 5000;  // a stream that is quiet for 200 us is told where it stands
constexpr uint64_t kRepeatPerSecond = 100;  // said again after 10 ms, then 20, 40 ... in case it was lost
constexpr uint64_t kLongestPauseSeconds = 1;

}  // namespace

Acknowledger::Acknowledger(const AcknowledgeConfig& config, size_t streams, const Port& port, Stage& stage,
                           uint64_t ticks_per_second)
    : config_(config),
      port_(port),
      stage_(stage),
      quiet_(ticks_per_second / kQuietPerSecond),
      longest_pause_(ticks_per_second * kLongestPauseSeconds) {
  peers_.reserve(streams);
}

void Acknowledger::saw(uint16_t stream, std::span<const uint8_t> headers) noexcept {
  const auto found =
      std::find_if(peers_.begin(), peers_.end(), [&](const Peer& peer) { return peer.stream == stream; });
  if (found == peers_.end() && peers_.size() == peers_.capacity()) return;
  Peer& peer = found == peers_.end() ? peers_.emplace_back(Peer{.stream = stream}) : *found;
  if (peer.frames++ == 0) reverse_encapsulation(headers, peer.to);
  peer.due = true;
  peer.pause = 0;
}

uint32_t Acknowledger::poll(const Assembler& assembler, uint64_t now) noexcept {
  uint32_t sent = 0;
  for (Peer& peer : peers_) {
    uint32_t next = 0;
    if (!assembler.next_expected(peer.stream, next)) continue;
    const bool enough = next - peer.acknowledged >= config_.every;
    const bool quiet = now - peer.sent > std::max(quiet_, peer.pause);
    if (!(peer.due && (enough || quiet)) && !(quiet && peer.pause != 0 && peer.pause < longest_pause_)) continue;
    send(peer, next, now);
    ++sent;
  }
  return sent;
}

void Acknowledger::send(Peer& peer, uint32_t next, uint64_t now) noexcept {
  std::array<uint8_t, 1 + kAckBytes> unit{};
  UnitWriter(unit).ack({.next = next, .credit = config_.credit});
  peer.sent = now;
  peer.pause = peer.due ? quiet_ * kQuietPerSecond / kRepeatPerSecond : std::min(peer.pause * 2, longest_pause_);
  peer.due = false;
  peer.frames = 0;
  peer.acknowledged = next;
  rte_mbuf* frame = make_reply(port_, peer.to, peer.stream, peer.seq, 0, unit);
  if (frame == nullptr) return;  // the pool is dry; the repetition will say it
  ++peer.seq;
  stage_.stats.built.add(1);
  void* item = frame;
  if (stage_.frames_out->send(peer.stream, &item, 1) == 0) {
    stage_.stats.drop(Drop::kQueueFull);
    rte_pktmbuf_free(frame);
  }
}

}  // namespace pfs
