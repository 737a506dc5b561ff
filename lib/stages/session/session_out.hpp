#pragma once

#include <array>
#include <vector>

#include "stages/ports_by_number.hpp"
#include "stages/session/session_link.hpp"
#include "stages/stage.hpp"

namespace pfs {

/// Sends the frames of sessions: each when the peer has room for it and a path's pace allows, again when it is lost,
/// and what sessions say of themselves. A frame in flight is kept as the mbuf that the device was given: where the
/// device has let go of it, the same mbuf leaves again, and where it has not, a copy does. The frame is the shortest
/// form of what it stands for, so keeping its references to build it anew would save nothing. Takes: built frames; the
/// header in front says which session they go to, and those without leave by the session that was opened from here.
/// Gives: whole Ethernet frames, to the tx stages of each path's port. Owns: frames that wait for room or have not
/// arrived. Drops: no_session (there is none to that peer any more), too_long (longer than any path of the session
/// has carried), over_share (a peer that takes no answers has too many waiting; its session ends), no_memory, no_path,
/// queue_full; stopped. Thread: its lcore, which session_in is on as well.
class SessionOut final : public Stage {
 public:
  /// `link`: of the partner, which lives longer. `in`: where the partner's frames are counted.
  SessionOut(const StageEnv& env, SessionLink& link, StageStats& in);

  void take(void** items, uint32_t count) noexcept override;
  uint32_t poll(uint64_t now) noexcept override;
  bool drain(uint64_t now) noexcept override;
  [[nodiscard]] uint32_t room() const noexcept override;
  [[nodiscard]] uint32_t frame_budget() const noexcept override { return static_cast<uint32_t>(budget_.get()); }
  [[nodiscard]] uint32_t epoch() const noexcept override { return link_.epoch(); }
  [[nodiscard]] bool delivers() const noexcept override { return true; }
  [[nodiscard]] uint64_t frames_in_flight() const noexcept override { return link_.kept() + waiting_seen_.get(); }
  [[nodiscard]] StageFigures figures() const override;

 private:
  /// Frames of one session that have no room yet, threaded through their notes.
  struct Queue {
    session::SessionId session = session::kNoSession;
    rte_mbuf* first = nullptr;
    rte_mbuf* last = nullptr;
    uint32_t count = 0;
  };

  void accept(rte_mbuf& frame) noexcept;
  [[nodiscard]] bool takes(session::SessionId id, uint16_t stream) noexcept;
  Queue* queue_of(session::SessionId id) noexcept;
  void submit_waiting(Queue& queue) noexcept;
  void empty(Queue& queue, Drop reason) noexcept;
  void look_after(Queue& queue) noexcept;
  uint32_t send_due(transport::Time now) noexcept;
  rte_mbuf* prepare(const session::Outgoing& out) noexcept;
  rte_mbuf* prepare_control(const session::Outgoing& out) noexcept;
  uint32_t send_neighbour_frames(transport::Time now, uint32_t most) noexcept;
  rte_mbuf* copy(rte_mbuf& kept, const Port& port) noexcept;
  void send(rte_mbuf& frame, uint16_t port) noexcept;
  void flush() noexcept;
  void look_at_paths() noexcept;
  void book() noexcept;
  void discard(rte_mbuf& frame, Drop reason) noexcept;

  static constexpr uint32_t kBatch = 64;  // frames that leave together

  SessionLink& link_;
  RunControl& control_;
  PortsByNumber ports_;
  std::vector<Queue> queues_;  // by no order; as many as there are sessions
  uint64_t waiting_ = 0;       // frames in them
  Counter waiting_seen_;
  Counter budget_;
  /// What reports say of a path of the session that was opened from here.
  struct PathFigures {
    Counter sent, lost, round_trip, rate;
  };
  std::vector<PathFigures> paths_;  // index: the path's number; not resized, since figures refer to them
  std::array<rte_mbuf*, kBatch> leaving_;
  uint32_t leaving_count_ = 0;
  uint16_t leaving_by_ = 0;
  transport::Time backlog_at_ = 0;
  bool said_farewell_ = false;
  Counter control_frames_, copies_;
  // Of the session that was opened from here: how long frames were on their way at most without one arriving.
  uint64_t arrived_ = 0;
  transport::Time progress_at_ = 0;
  Counter longest_stall_;
};

}  // namespace pfs
