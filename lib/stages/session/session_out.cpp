#include "stages/session/session_out.hpp"

#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "dpdk/frame_note.hpp"
#include "dpdk/offloads.hpp"
#include "stages/output.hpp"
#include "stages/session/virtual_link.hpp"

namespace pfs {
namespace {

using session::kNoSession;
using session::Outgoing;
using session::SessionId;
using session::State;

constexpr transport::Time kBacklogEvery = transport::kMillisecond / 4;  // between two looks at it

/// Of each path: what it is called in reports.
constexpr std::array<std::array<const char*, 4>, 8> kPathNames = {{
    {"path0_frames_sent", "path0_lost", "path0_round_trip", "path0_rate"},
    {"path1_frames_sent", "path1_lost", "path1_round_trip", "path1_rate"},
    {"path2_frames_sent", "path2_lost", "path2_round_trip", "path2_rate"},
    {"path3_frames_sent", "path3_lost", "path3_round_trip", "path3_rate"},
    {"path4_frames_sent", "path4_lost", "path4_round_trip", "path4_rate"},
    {"path5_frames_sent", "path5_lost", "path5_round_trip", "path5_rate"},
    {"path6_frames_sent", "path6_lost", "path6_round_trip", "path6_rate"},
    {"path7_frames_sent", "path7_lost", "path7_round_trip", "path7_rate"},
}};

/// Bytes of a kept frame's payload: its header says so.
uint32_t payload_bytes(const uint8_t* payload) noexcept { return kFrameHeaderBytes + load_be<uint16_t>(payload + 14); }

/// A built frame becomes a session's: its Ethernet header goes, and CARRY gets its place behind the frame's header.
/// Afterwards the mbuf's data is the payload, and `hash.usr`, which built frames do not use, says where that begins.
void make_room_for_carry(rte_mbuf& frame) noexcept {
  auto* old = reinterpret_cast<uint8_t*>(rte_pktmbuf_adj(&frame, kEthernetHeaderBytes));
  auto* payload = reinterpret_cast<uint8_t*>(rte_pktmbuf_prepend(&frame, kCarryUnitBytes));
  std::memmove(payload, old, kFrameHeaderBytes);
  store_be(payload + 14, static_cast<uint16_t>(load_be<uint16_t>(payload + 14) + kCarryUnitBytes));
  frame.hash.usr = frame.data_off;
}

}  // namespace

SessionOut::SessionOut(const StageEnv& env, SessionLink& link, StageStats& in)
    : link_(link),
      control_(*env.control),
      ports_(env.ports),
      queues_(link.sessions()),
      paths_(link.dials() ? std::min(link.paths().addressing().paths().size(), kPathNames.size()) : 0) {
  polls_new_items = false;
  link_.count_at(in, stats);
}

void SessionOut::take(void** items, uint32_t count) noexcept {
  auto** frames = reinterpret_cast<rte_mbuf**>(items);
  for (uint32_t i = 0; i < count; ++i) accept(*frames[i]);
  book();
}

void SessionOut::accept(rte_mbuf& frame) noexcept {
  const auto* at = rte_pktmbuf_mtod(&frame, const uint8_t*);
  if (frame.port != RTE_MBUF_PORT_INVALID || frame.data_len < kEthernetHeaderBytes + kFrameHeaderBytes)
    return discard(frame, Drop::kNoSession);
  SessionId id = session_of(at);
  if (id == kNoSession) id = link_.dialled();
  if (const uint32_t epoch = note_of(frame).epoch; epoch != 0 && epoch != link_.epoch())
    return discard(frame, Drop::kNoSession);  // built for the session before
  const State state = id == kNoSession ? State::kFree : link_.endpoint().state(id);
  if (state != State::kOpen && state != State::kAway) return discard(frame, Drop::kNoSession);
  if (!takes(id, load_be<uint16_t>(at + kEthernetHeaderBytes + 2))) return discard(frame, Drop::kUnknownStream);
  Queue* queue = queue_of(id);
  if (queue == nullptr) return discard(frame, Drop::kNoSession);
  // A source of ours waits for room(), and what it has given on another lcore before it saw that is taken. A peer that
  // asks and takes no answers is another matter.
  if (!link_.dials() && queue->count >= link_.frames_of_session()) {
    link_.endpoint().close(id, ByeUnit::Reason::kBusy, link_.at(rte_rdtsc()));
    return discard(frame, Drop::kOverShare);
  }
  make_room_for_carry(frame);
  note_of(frame).behind = nullptr;
  (queue->first == nullptr ? queue->first : note_of(*queue->last).behind) = &frame;
  queue->last = &frame;
  ++queue->count;
  ++waiting_;
  submit_waiting(*queue);
}

/// Whether the session has such a stream. Answers go by the stream of their question, so only a source here can ask for
/// another one, and would wait for ever.
bool SessionOut::takes(SessionId id, uint16_t stream) noexcept {
  const uint32_t streams = std::min<uint32_t>(link_.streams(), link_.endpoint().peer(id).streams);
  if (stream < streams) return true;
  if (id == link_.dialled() && !control_.stopping())
    control_.end(Exit::kFailed,
                 fmt::format("stream {} is not one of the session's, which are 0 to {}; raise `streams` of session_in, "
                             "here to {} and at the peer to {}",
                             stream, streams - 1, std::max(link_.streams(), stream + 1u),
                             std::max<uint32_t>(link_.endpoint().peer(id).streams, stream + 1u)));
  return false;
}

/// The session's own queue, or one that is free, be it that its session has just ended; nullptr if there is none.
SessionOut::Queue* SessionOut::queue_of(SessionId id) noexcept {
  Queue* fresh = nullptr;
  for (Queue& queue : queues_) {
    if (queue.session == id) return &queue;
    if (fresh == nullptr && queue.session == kNoSession) fresh = &queue;
  }
  for (Queue& queue : queues_) {
    if (fresh != nullptr) break;
    const State state = link_.endpoint().state(queue.session);
    if (state != State::kFree && state != State::kClosing) continue;
    empty(queue, Drop::kNoSession);
    fresh = &queue;
  }
  if (fresh != nullptr) fresh->session = id;
  return fresh;
}

/// Frames of one session keep their order, whatever stream they are of.
void SessionOut::submit_waiting(Queue& queue) noexcept {
  session::Endpoint& endpoint = link_.endpoint();
  while (queue.first != nullptr) {
    rte_mbuf& frame = *queue.first;
    const auto* payload = rte_pktmbuf_mtod(&frame, const uint8_t*);
    const auto stream = load_be<uint16_t>(payload + 2);
    if (endpoint.room(queue.session, stream) == 0) return;
    // Only now, for an answer may be ready before it is known how long the frames to its peer may be.
    const bool fits = endpoint.carries(queue.session, frame.pkt_len);
    if (!fits && endpoint.strand(queue.session, frame.pkt_len, link_.at(rte_rdtsc()))) return;
    queue.first = note_of(frame).behind;
    --queue.count;
    --waiting_;
    if (!fits) {
      discard(frame, Drop::kTooLong);
      continue;
    }
    link_.keep();
    endpoint.submit(queue.session, stream, reinterpret_cast<uint64_t>(&frame), frame.pkt_len, note_of(frame).denoted);
  }
}

void SessionOut::empty(Queue& queue, Drop reason) noexcept {
  while (queue.first != nullptr) {
    rte_mbuf& frame = *queue.first;
    queue.first = note_of(frame).behind;
    --waiting_;
    discard(frame, reason);
  }
  queue = {};
}

void SessionOut::look_after(Queue& queue) noexcept {
  if (queue.session == kNoSession) return;
  const State state = link_.endpoint().state(queue.session);
  if (state == State::kFree || state == State::kClosing)
    return empty(queue, control_.stopping() ? Drop::kStopped : Drop::kNoSession);
  submit_waiting(queue);
  // Half of what a session may have on its way waits for the peer: it first takes these answers, then asks again. A
  // session that was opened from here waits with questions, and their answers must come in.
  link_.hold_back(queue.session, !link_.dials() && queue.count > link_.frames_of_session() / 2);
}

uint32_t SessionOut::poll(uint64_t ticks) noexcept {
  const transport::Time now = link_.at(ticks);
  if (now - backlog_at_ >= kBacklogEvery) {
    backlog_at_ = now;
    link_.look_at_backlog();
    link_.publish();
    link_.look_for_silence();
    look_at_paths();
    for (Queue& queue : queues_) look_after(queue);
    const SessionId mine = link_.dialled();
    const uint32_t payload = mine == kNoSession ? 0 : link_.endpoint().payload(mine);
    budget_.set(payload > kCarryUnitBytes ? payload - kCarryUnitBytes : 0);
  } else if (waiting_ != 0) {
    for (Queue& queue : queues_)
      if (queue.first != nullptr) submit_waiting(queue);
  }
  const uint32_t sent = send_due(now);
  if (control_.stopping() && !said_farewell_ && link_.take_leave(now)) {
    said_farewell_ = true;
    control_.farewell();
  }
  book();
  return sent;
}

/// What leaves now, as far as the tx stages have room: a frame that waits there would leave later than its stamp says.
/// A port without room, whose link may be down, does not hold up the others; a frame that the session gives to its path
/// is lost, and so the session learns of it.
uint32_t SessionOut::send_due(transport::Time now) noexcept {
  const uint32_t most = std::min(kBatch, frames_out->open_room());
  uint32_t sent = send_neighbour_frames(now, most);
  Outgoing out;
  while (sent < most && link_.endpoint().next(now, out)) {
    rte_mbuf* frame = out.control ? prepare_control(out) : prepare(out);
    ++sent;
    if (frame != nullptr) send(*frame, out.to->port);
  }
  flush();
  return sent;
}

/// The frame that leaves: the kept mbuf itself with another reference, or a copy of it.
rte_mbuf* SessionOut::prepare(const Outgoing& out) noexcept {
  if (out.carry.path < paths_.size()) paths_[out.carry.path].sent.add(1);
  auto* frame = std::bit_cast<rte_mbuf*>(out.token);
  const Port* by = ports_.find(out.to->port);
  if (by == nullptr) return nullptr;  // lost, as the session will find
  stats.built.add(1);
  if (rte_mbuf_refcnt_read(frame) == 1 && !by->driver.hands_over) {
    frame->data_off = static_cast<uint16_t>(frame->hash.usr);
    frame->data_len = static_cast<uint16_t>(payload_bytes(rte_pktmbuf_mtod(frame, const uint8_t*)));
    rte_mbuf_refcnt_update(frame, 1);
  } else {
    frame = copy(*frame, *by);
    if (frame == nullptr) return nullptr;
  }
  auto* payload = rte_pktmbuf_mtod(frame, uint8_t*);
  store_be(payload + 4, out.seq);
  seal_carried({payload, frame->data_len}, out.carry);
  const EncapsulationBuffer& headers = out.to->encapsulation;
  std::memcpy(payload - headers.length, headers.bytes.data(), headers.length);
  std::memcpy(payload - headers.length + by->mac.size(), by->mac.data(), by->mac.size());
  frame->data_off = static_cast<uint16_t>(frame->data_off - headers.length);
  frame->data_len = static_cast<uint16_t>(frame->data_len + headers.length);
  frame->pkt_len = frame->data_len;
  finish_frame(*frame, headers.length, *by);
  return frame;
}

/// The device still has the mbuf that left before, so nothing of it may change. Null if there is no mbuf; then the
/// frame counts as sent, and is repaired as a lost one.
rte_mbuf* SessionOut::copy(rte_mbuf& kept, const Port& port) noexcept {
  rte_mbuf* twin = rte_pktmbuf_alloc(port.pool);
  if (twin == nullptr) {
    stats.drop(Drop::kNoMemory);
    return nullptr;
  }
  const uint8_t* payload = static_cast<const uint8_t*>(kept.buf_addr) + kept.hash.usr;
  const uint32_t bytes = payload_bytes(payload);
  auto* at = reinterpret_cast<uint8_t*>(rte_pktmbuf_append(twin, static_cast<uint16_t>(bytes)));
  if (at == nullptr) {
    discard(*twin, Drop::kTooLong);
    return nullptr;
  }
  std::memcpy(at, payload, bytes);
  copies_.add(1);
  return twin;
}

/// Requests and answers of ARP and of neighbour discovery.
uint32_t SessionOut::send_neighbour_frames(transport::Time now, uint32_t most) noexcept {
  session::Addressing& addressing = link_.paths().addressing();
  if (addressing.next_event() > now) return 0;
  uint32_t sent = 0;
  session::NeighbourFrame out;
  for (; sent < most && addressing.next(now, out); ++sent) {
    stats.built.add(1);
    const Port* by = ports_.find(out.port);
    rte_mbuf* frame = by == nullptr ? nullptr : rte_pktmbuf_alloc(by->pool);
    if (frame == nullptr) {
      stats.drop(by == nullptr ? Drop::kNoPath : Drop::kNoMemory);
      continue;
    }
    std::memcpy(rte_pktmbuf_append(frame, out.length), out.bytes.data(), out.length);
    send(*frame, out.port);
  }
  return sent;
}

rte_mbuf* SessionOut::prepare_control(const Outgoing& out) noexcept {
  control_frames_.add(1);
  stats.built.add(1);
  const Port* by = ports_.find(out.to->port);
  rte_mbuf* frame = by == nullptr ? nullptr : rte_pktmbuf_alloc(by->pool);
  if (frame == nullptr) {
    stats.drop(by == nullptr ? Drop::kNoPath : Drop::kNoMemory);
    return nullptr;
  }
  const EncapsulationBuffer& headers = out.to->encapsulation;
  const auto bytes = static_cast<uint16_t>(headers.length + out.payload.size());
  auto* at = reinterpret_cast<uint8_t*>(rte_pktmbuf_append(frame, bytes));
  if (at == nullptr) {
    stats.drop(Drop::kTooLong);
    rte_pktmbuf_free(frame);
    return nullptr;
  }
  std::memcpy(at, headers.bytes.data(), headers.length);
  std::memcpy(at + by->mac.size(), by->mac.data(), by->mac.size());
  std::memcpy(at + headers.length, out.payload.data(), out.payload.size());
  finish_frame(*frame, headers.length, *by);
  return frame;
}

void SessionOut::send(rte_mbuf& frame, uint16_t port) noexcept {
  if (!frames_out->leads_to(port)) return discard(frame, Drop::kNoPath);
  if (leaving_count_ == kBatch || (leaving_count_ != 0 && leaving_by_ != port)) flush();
  leaving_by_ = port;
  leaving_[leaving_count_++] = &frame;
}

void SessionOut::flush() noexcept {
  const uint32_t count = leaving_count_;
  if (count == 0) return;
  leaving_count_ = 0;
  const uint32_t room = std::min(count, frames_out->room_by(leaving_by_));
  const uint32_t sent =
      room == 0 ? 0 : frames_out->send_by(leaving_by_, 0, reinterpret_cast<void**>(leaving_.data()), room);
  stats.drop(Drop::kQueueFull, count - sent);
  rte_pktmbuf_free_bulk(leaving_.data() + sent, count - sent);
}

void SessionOut::discard(rte_mbuf& frame, Drop reason) noexcept {
  stats.drop(reason);
  rte_pktmbuf_free(&frame);
}

/// What the session that was opened from here knows of its paths; kept when the session is over.
void SessionOut::look_at_paths() noexcept {
  const SessionId mine = link_.dialled();
  const transport::Sender* sender = link_.endpoint().sender(mine);
  if (sender == nullptr) return;
  if (const uint64_t arrived = sender->counters().arrived; arrived != arrived_ || sender->unacknowledged() == 0) {
    arrived_ = arrived;
    progress_at_ = backlog_at_;
  }
  longest_stall_.set(std::max(longest_stall_.get(), backlog_at_ - progress_at_));
  for (size_t i = 0; i < paths_.size(); ++i) {
    const transport::Path& path = sender->path(static_cast<uint8_t>(i));
    if (!path.open()) continue;
    paths_[i].lost.set(path.lost());
    paths_[i].round_trip.set(path.round_trip());
    paths_[i].rate.set(static_cast<uint64_t>(path.rate() * transport::kSecond));  // bytes a nanosecond, there
  }
}

void SessionOut::book() noexcept { waiting_seen_.set(waiting_); }

uint32_t SessionOut::room() const noexcept {
  const uint64_t most = uint64_t{link_.frames_of_session()} * (link_.dials() ? 1 : link_.sessions());
  const uint64_t used = link_.kept() + waiting_;
  return used < most ? static_cast<uint32_t>(most - used) : 0;
}

bool SessionOut::drain(uint64_t now) noexcept {
  poll(now);
  link_.publish();
  for (Queue& queue : queues_) look_after(queue);
  book();
  return link_.kept() == 0 && waiting_ == 0;
}

StageFigures SessionOut::figures() const {
  using enum Figure::Unit;
  StageFigures all = link_.published().figures(SessionFigures::Of::kOut);
  all.emplace_back("frames_copied", kFrames, copies_);
  all.emplace_back("control_frames", kFrames, control_frames_);
  if (link_.dials())
    all.emplace_back("longest_stall", kNanoseconds, Figure::Kind::kGauge, [this] { return longest_stall_.get(); });
  for (size_t i = 0; i < paths_.size(); ++i) {
    all.emplace_back(kPathNames[i][0], kFrames, paths_[i].sent);
    all.emplace_back(kPathNames[i][1], kFrames, Figure::Kind::kGauge, [&path = paths_[i]] { return path.lost.get(); });
    all.emplace_back(kPathNames[i][2], kNanoseconds, Figure::Kind::kGauge,
                     [&path = paths_[i]] { return path.round_trip.get(); });
    all.emplace_back(kPathNames[i][3], kBytesPerSecond, Figure::Kind::kGauge,
                     [&path = paths_[i]] { return path.rate.get(); });
  }
  return all;
}

}  // namespace pfs
