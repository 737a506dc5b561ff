#include "stages/session/session_in.hpp"

#include <rte_cycles.h>
#include <rte_mbuf.h>

#include <bit>
#include <cstring>

#include "stages/frame_stream.hpp"
#include "stages/output.hpp"
#include "stages/reply.hpp"
#include "stages/session/virtual_link.hpp"

namespace pfs {

using session::Arrival;
using session::SessionId;

SessionIn::SessionIn(const StageEnv& env, const SessionConfig& config, std::unique_ptr<SessionPaths> paths)
    : link_(env, config, std::move(paths)), home_port_(env.port->id), ports_(env.ports) {}

void SessionIn::take(void** items, uint32_t count) noexcept {
  auto** frames = reinterpret_cast<rte_mbuf**>(items);
  const transport::Time now = link_.at(rte_rdtsc());
  for (uint32_t i = 0; i < count; ++i) meet(*frames[i], now);
  hand_on();
}

/// Where an answer to the frame goes. Plain Ethernet frames of one sender come in rows, and have equal headers.
const ReplyPath& SessionIn::way_back(const rte_mbuf& frame) noexcept {
  const std::span<const uint8_t> headers = headers_of(frame);
  const bool plain = headers.size() == seen_.size();
  if (plain && frame.port == from_.port && std::memcmp(headers.data(), seen_.data(), seen_.size()) == 0) return from_;
  if (plain)
    std::memcpy(seen_.data(), headers.data(), seen_.size());
  else
    seen_.fill(0);
  from_.port = frame.port;
  reverse_encapsulation(headers, from_.encapsulation);
  return from_;
}

void SessionIn::meet(rte_mbuf& frame, transport::Time now) noexcept {
  if (cut_off(frame) == 0) return meet_neighbour(frame, now);
  const std::span<const uint8_t> payload(rte_pktmbuf_mtod(&frame, const uint8_t*), frame.data_len);
  if (!is_carried(payload)) {
    stats.drop(Drop::kNoSession);
    return rte_pktmbuf_free(&frame);
  }
  const ReplyPath& from = way_back(frame);
  const uint32_t budget = payload_budget(ports_.find(frame.port)->mtu, from.encapsulation);
  const Arrival arrival = link_.endpoint().on_frame(payload, from, budget, reinterpret_cast<uint64_t>(&frame), now);
  switch (arrival.what) {
    case Arrival::What::kDeliver:
      deliver(frame, arrival.session);
      return deliver_held(arrival.session, arrival.stream);
    case Arrival::What::kHold:
      link_.hold();
      return;
    case Arrival::What::kControl:
      stats.processed.add(1);
      return rte_pktmbuf_free(&frame);
    case Arrival::What::kDrop:
      stats.drop(arrival.fault);
      return rte_pktmbuf_free(&frame);
  }
}

/// Its headers were not cut off: rx hands such frames on where they concern addresses.
void SessionIn::meet_neighbour(rte_mbuf& frame, transport::Time now) noexcept {
  const std::span<const uint8_t> whole(rte_pktmbuf_mtod(&frame, const uint8_t*), frame.data_len);
  session::Addressing& addressing = link_.paths().addressing();
  Drop fault = addressing.on_frame(whole, frame.port, now);
  if (const auto hint = addressing.take_hint()) fault = link_.on_hint(*hint, now);
  if (fault == Drop::kNone)
    stats.processed.add(1);
  else
    stats.drop(fault);
  rte_pktmbuf_free(&frame);
}

/// Removes CARRY, so that the header stands before the units again, and puts the session's header in front.
void SessionIn::deliver(rte_mbuf& frame, SessionId id) noexcept {
  auto* at = rte_pktmbuf_mtod(&frame, uint8_t*);
  uint8_t* header = at + kCarryUnitBytes;
  std::memmove(header, at, kFrameHeaderBytes);
  store_be(header + 14, static_cast<uint16_t>(load_be<uint16_t>(header + 14) - kCarryUnitBytes));
  rte_pktmbuf_adj(&frame, kCarryUnitBytes);
  write_session_header(header - kEthernetHeaderBytes, id);
  frame.l2_len = kEthernetHeaderBytes;
  frame.port = home_port_;
  if (ready_count_ == kBatch) hand_on();
  ready_[ready_count_++] = &frame;
}

/// Runs of one stream go on together.
void SessionIn::hand_on() noexcept {
  std::array<rte_mbuf*, kBatch> batch = ready_;  // a stage behind that waits may make this lcore come here again
  const uint32_t count = ready_count_;
  ready_count_ = 0;
  for (uint32_t start = 0; start < count;) {
    const uint16_t stream = stream_of(*batch[start], 0);
    uint32_t end = start + 1;
    while (end < count && stream_of(*batch[end], 0) == stream) ++end;
    const uint32_t sent = frames_out->send(stream, reinterpret_cast<void**>(batch.data() + start), end - start);
    stats.drop(Drop::kQueueFull, end - start - sent);
    rte_pktmbuf_free_bulk(batch.data() + start + sent, end - start - sent);
    start = end;
  }
}

void SessionIn::deliver_held(SessionId id, uint16_t stream) noexcept {
  while (const auto token = link_.endpoint().next_held(id, stream)) {
    link_.hand_on();
    deliver(*std::bit_cast<rte_mbuf*>(*token), id);
  }
}

uint32_t SessionIn::poll(uint64_t now) noexcept {
  link_.look_after_paths(link_.at(now));
  for (SessionId id = link_.next_let_go(); id != session::kNoSession; id = link_.next_let_go())
    for (uint32_t stream = 0; stream < link_.streams(); ++stream) deliver_held(id, static_cast<uint16_t>(stream));
  hand_on();
  return 0;
}

bool SessionIn::drain(uint64_t /*now*/) noexcept { return link_.held() == 0; }

StageFigures SessionIn::figures() const { return link_.published().figures(SessionFigures::Of::kIn); }

}  // namespace pfs
