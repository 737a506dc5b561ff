#include "stages/impair/impair.hpp"

#include <rte_cycles.h>

#include <algorithm>
#include <array>

#include "stages/frame_stream.hpp"
#include "stages/output.hpp"

namespace pfs {
namespace {

constexpr uint64_t kQuietPerSecond = 1000;  // an overtaken frame that nothing overtakes for 1 ms goes on
constexpr uint32_t kBurst = 32;             // frames that leave the line together at most

}  // namespace

Impair::Impair(const StageEnv& env, const ImpairConfig& config)
    : control_(*env.control),
      config_(config),
      dice_(config.dice),
      line_(config.line),
      quiet_(env.ticks_per_second / kQuietPerSecond) {
  overtaken_.reserve(config.dice.depth);
  if (!line_.immediate()) slots_.resize(config.frames);
  polls_new_items = false;
}

void Impair::take(void** items, uint32_t count) noexcept {
  auto** frames = reinterpret_cast<rte_mbuf**>(items);
  const uint64_t now = rte_rdtsc();
  for (uint32_t i = 0; i < count; ++i) meet(frames[i], dice_.roll(), now);
  quiet_since_ = 0;
  held_.set(overtaken_.size() + on_line());
}

void Impair::meet(rte_mbuf* frame, const Fate& fate, uint64_t now) noexcept {
  if (line_.black(now)) return drop(Drop::kBlackHole, frame);
  if (fate.lost) return drop(Drop::kImpaired, frame);
  if (fate.doubled)
    if (rte_mbuf* twin = copy(*frame)) enter(twin, now, fate.jitter);
  if ((fate.corrupted || fate.trimmed) && rte_mbuf_refcnt_read(frame) > 1) frame = own(frame);
  if (frame == nullptr) return;
  if (fate.corrupted) corrupt(*frame, fate.bit);
  if (fate.trimmed) trim(*frame);
  if (fate.delayed && overtaken_.size() < config_.dice.depth) {
    overtaken_.push_back({frame, fate.overtakers});
    return reordered_.add(1);
  }
  enter(frame, now, fate.jitter);
  overtake(now);
}

/// A frame that shares its mbuf with whoever built it (a session keeps what it sends) is changed in a copy.
rte_mbuf* Impair::own(rte_mbuf* frame) noexcept {
  rte_mbuf* twin = twin_of(*frame);
  rte_pktmbuf_free(frame);
  return twin;
}

/// A copy of a received frame enters the ledger as received, one of a built frame as built.
rte_mbuf* Impair::copy(rte_mbuf& frame) noexcept {
  (frame.port == RTE_MBUF_PORT_INVALID ? stats.built : stats.received).add(1);
  rte_mbuf* twin = twin_of(frame);
  doubled_.add(twin != nullptr ? 1 : 0);
  return twin;
}

/// Null, and counted, if there is no mbuf.
rte_mbuf* Impair::twin_of(rte_mbuf& frame) noexcept {
  rte_mbuf* twin = rte_pktmbuf_copy(&frame, frame.pool, 0, UINT32_MAX);
  if (twin == nullptr) {
    stats.drop(Drop::kNoMemory);
    return nullptr;
  }
  // rte_pktmbuf_copy starts a fresh headroom; the headers that rx cut off must lie before the payload there too.
  std::copy_n(rte_pktmbuf_mtod(&frame, const uint8_t*) - cut_off(frame), cut_off(frame),
              rte_pktmbuf_mtod(twin, uint8_t*) - cut_off(frame));
  twin->port = frame.port;
  twin->l2_len = frame.l2_len;
  return twin;
}

/// The Ethernet header of a frame that still has its own is spared, or no receiver would ever see the frame.
void Impair::corrupt(rte_mbuf& frame, uint32_t bit) noexcept {
  const uint32_t spared = cut_off(frame) == 0 ? kEthernetHeaderBytes : 0;
  if (frame.data_len <= spared) return;
  const uint32_t at = bit % ((frame.data_len - spared) * 8u);
  rte_pktmbuf_mtod(&frame, uint8_t*)[spared + at / 8] ^= static_cast<uint8_t>(1u << at % 8);
  corrupted_.add(1);
}

void Impair::trim(rte_mbuf& frame) noexcept {
  const uint32_t bytes = cut_off(frame) + frame.data_len;
  if (bytes <= config_.trim_bytes) return;
  rte_pktmbuf_trim(&frame, static_cast<uint16_t>(std::min<uint32_t>(bytes - config_.trim_bytes, frame.data_len)));
  trimmed_.add(1);
}

/// Onto the line, or on at once where the line is immediate.
void Impair::enter(rte_mbuf* frame, uint64_t now, double jitter) noexcept {
  if (line_.immediate()) {
    pass(&frame, 1);
    return;
  }
  if (on_line() == slots_.size()) return drop(Drop::kLinkFull, frame);
  const auto out = line_.enter(now, cut_off(*frame) + frame->pkt_len + config_.frame_extra, jitter);
  if (!out) return drop(Drop::kLinkFull, frame);
  slots_[tail_++ & (slots_.size() - 1)] = {frame, *out};
}

/// One frame more has gone before those that are being overtaken.
void Impair::overtake(uint64_t now) noexcept {
  for (size_t i = 0; i < overtaken_.size();) {
    if (--overtaken_[i].overtakers != 0) {
      ++i;
      continue;
    }
    rte_mbuf* frame = overtaken_[i].frame;
    overtaken_.erase(overtaken_.begin() + static_cast<ptrdiff_t>(i));
    enter(frame, now, 0);
  }
}

void Impair::stop_overtaking(uint64_t now) noexcept {
  for (const Overtaken& overtaken : overtaken_) enter(overtaken.frame, now, 0);
  overtaken_.clear();
}

uint32_t Impair::poll(uint64_t now) noexcept {
  if (overtaken_.empty() && on_line() == 0) return 0;
  if (quiet_since_ == 0) quiet_since_ = now;
  uint32_t moved = 0;
  if (!overtaken_.empty() && now - quiet_since_ > quiet_) {
    moved = static_cast<uint32_t>(overtaken_.size());
    stop_overtaking(now);
  }
  moved += release(now);
  if (moved != 0) held_.set(overtaken_.size() + on_line());
  return moved;
}

/// Frames whose time has come, a burst.
uint32_t Impair::release(uint64_t now) noexcept {
  std::array<rte_mbuf*, kBurst> burst;
  const uint32_t most = std::min({on_line(), kBurst, frames_out->room()});
  uint32_t count = 0;
  while (count < most) {
    const OnLine& oldest = slots_[head_ & (slots_.size() - 1)];
    if (static_cast<int64_t>(now - oldest.out) < 0) break;
    burst[count++] = oldest.frame;
    ++head_;
  }
  return count == 0 ? 0 : pass(burst.data(), count);
}

/// A run that was ended does not wait for what is on the line; one whose sources have finished does.
bool Impair::drain(uint64_t now) noexcept {
  stop_overtaking(now);
  release(now);
  if (control_.ending() || control_.abandoned())
    while (on_line() != 0) drop(Drop::kStopped, slots_[head_++ & (slots_.size() - 1)].frame);
  held_.set(on_line());
  return on_line() == 0;
}

/// Where frames go on at once, each may become two and let all the overtaken ones go. Overtaken frames that fill the
/// room behind go on by themselves when nothing comes. A line never holds its giver up: what finds no place on the line
/// is lost, as on any link.
uint32_t Impair::room() const noexcept {
  if (!line_.immediate()) return UINT32_MAX;
  const uint32_t behind = Stage::room();
  const auto overtaken = static_cast<uint32_t>(overtaken_.size());
  return behind > overtaken ? (behind - overtaken) / 2 : 0;
}

/// Hands frames on, those of one stream in a row together. Returns `count`: what an edge refuses is dropped and
/// counted.
uint32_t Impair::pass(rte_mbuf** frames, uint32_t count) noexcept {
  for (uint32_t start = 0; start < count;) {
    const bool spreads = frames_out->width() > 1;
    const uint16_t stream = spreads ? stream_of(*frames[start], 0) : uint16_t{0};
    uint32_t end = spreads ? start + 1 : count;
    while (end < count && stream_of(*frames[end], 0) == stream) ++end;
    const uint32_t sent = frames_out->send(stream, reinterpret_cast<void**>(frames + start), end - start);
    for (uint32_t i = start + sent; i < end; ++i) drop(Drop::kQueueFull, frames[i]);
    start = end;
  }
  return count;
}

void Impair::drop(Drop reason, rte_mbuf* frame) noexcept {
  stats.drop(reason);
  rte_pktmbuf_free(frame);
}

StageFigures Impair::figures() const {
  using enum Figure::Unit;
  return {{"frames_doubled", kFrames, doubled_},
          {"frames_delayed", kFrames, reordered_},
          {"frames_corrupted", kFrames, corrupted_},
          {"frames_trimmed", kFrames, trimmed_}};
}

}  // namespace pfs
