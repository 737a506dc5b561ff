#pragma once

#include <array>

#include "stages/ports_by_number.hpp"
#include "stages/session/session_link.hpp"
#include "stages/stage.hpp"

namespace pfs {

/// Takes the frames of sessions apart: puts each stream's frames in their order, each once, keeps those that came
/// early, and answers for the sessions themselves by its partner session_out. Takes: frames from rx, those that concern
/// addresses as well. Gives: the frames of streams, in sequence, without CARRY, and with a header in front that names
/// the session (virtual_link.hpp). Owns: early frames, and all sessions. Drops: no_session (the frame is of none that
/// is known, or its session has ended), crc_mismatch, truncated, bad_unit, bad_version, duplicate, out_of_window,
/// over_share, unknown_stream; stopped. Thread: its lcore, which session_out is on as well.
class SessionIn final : public Stage {
 public:
  SessionIn(const StageEnv& env, const SessionConfig& config, std::unique_ptr<SessionPaths> paths);

  void take(void** items, uint32_t count) noexcept override;
  uint32_t poll(uint64_t now) noexcept override;
  bool drain(uint64_t now) noexcept override;
  /// Always: what peers say of our own frames must come in whatever waits behind. What they may send of theirs is
  /// bounded by what they are granted.
  [[nodiscard]] uint32_t room() const noexcept override { return UINT32_MAX; }
  [[nodiscard]] uint64_t frames_in_flight() const noexcept override { return link_.held(); }
  void look_outside() noexcept override { link_.paths().look_outside(); }
  [[nodiscard]] StageFigures figures() const override;

  [[nodiscard]] SessionLink& link() noexcept { return link_; }

 private:
  void meet(rte_mbuf& frame, transport::Time now) noexcept;
  void meet_neighbour(rte_mbuf& frame, transport::Time now) noexcept;
  const ReplyPath& way_back(const rte_mbuf& frame) noexcept;
  void deliver_held(session::SessionId id, uint16_t stream) noexcept;
  void deliver(rte_mbuf& frame, session::SessionId id) noexcept;
  void hand_on() noexcept;

  static constexpr uint32_t kBatch = 64;  // frames that go on together

  SessionLink link_;
  uint16_t home_port_;  // as it is told to the stages behind
  PortsByNumber ports_;
  ReplyPath from_;                                    // of the last frame, whose headers were:
  std::array<uint8_t, kEthernetHeaderBytes> seen_{};  // zeros where that was no plain Ethernet header
  std::array<rte_mbuf*, kBatch> ready_;
  uint32_t ready_count_ = 0;
};

}  // namespace pfs
