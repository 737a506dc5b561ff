#pragma once

#include <array>
#include <memory>
#include <vector>

#include "gram/assembling/assembler.hpp"
#include "gram/assembling/frame_visitor.hpp"
#include "gram/assembling/held_frames.hpp"
#include "gram/assembling/peers.hpp"
#include "gram/assembling/stream.hpp"
#include "wire/codec/decode/decode.hpp"

namespace pfs {

/// The assembler behind its contract. `assembler.cpp` takes a frame in, `sequence.cpp` puts a stream's frames in
/// sequence, `frame_steps.cpp` puts one frame into its gram, and `shares.cpp` is everything that is given up: for want
/// of room, because it is old, or because a peer has had its share.
struct Assembler::Impl final : GramSource {
  Impl(const AssemblerConfig& config, const BlobView& blob, GramPool& pool, AssemblerSink& sink);
  ~Impl();

  // assembler.cpp: who sent the frame, and what kind of frame it is.
  bool take(const ReceivedFrame& received) noexcept;
  bool take_plain(const ReceivedFrame& received, const Frame& frame) noexcept;
  bool take_control(const Frame& frame) noexcept;
  bool take_bare(const ReceivedFrame& received, const Frame& frame) noexcept;
  bool take_out_of_turn(const ReceivedFrame& received, const Frame& frame, Peer* peer, StreamState* stream) noexcept;
  [[nodiscard]] const StreamConfig* listed(uint16_t id) const noexcept;
  [[nodiscard]] Drop refusal(const Peer* peer, uint16_t id) noexcept;
  Peer& admit(const ReceivedFrame& received) noexcept;
  bool drop(Drop why, uint64_t frames = 1) noexcept {
    counters.dropped[static_cast<size_t>(why)].add(frames);
    return true;
  }

  // sequence.cpp: the frames of a stream, one behind the other.
  bool take_in_turn(StreamState& stream, const ReceivedFrame& received, const Frame& frame) noexcept;
  bool take_early(StreamState& stream, const ReceivedFrame& received, const Frame& frame) noexcept;
  void begin(StreamState& stream, const FrameHeader& header) noexcept;
  void begin_session(StreamState& stream, uint32_t seq, uint64_t session) noexcept;
  void drain(StreamState& stream) noexcept;
  void skip_to(StreamState& stream, uint32_t seq) noexcept;
  void give_up_gap(StreamState& stream) noexcept;
  void hold(StreamState& stream, uint32_t seq, const ReceivedFrame& received) noexcept;
  bool unhold(StreamState& stream, uint32_t seq, ReceivedFrame& received) noexcept;
  [[nodiscard]] const HeldFrames::Entry& nearest_held(StreamState& stream) noexcept;

  // frame_steps.cpp: one frame into its gram.
  FrameVisitor visitor_of(const StreamState& stream, const FrameHeader& header) noexcept;
  void apply(StreamState& stream, const ReceivedFrame& received, const Frame& frame) noexcept;
  void apply_interrupted(StreamState& stream, const ReceivedFrame& received, const Frame& frame,
                         const FrameVisitor& visitor, Drop fault) noexcept;
  void apply_over_limit(StreamState& stream, const ReceivedFrame& received, const Frame& frame) noexcept;
  void apply_bare(Peer& peer, const BareRule& rule, const Frame& frame) noexcept;
  void finish_without_gram(StreamState& stream, const ReceivedFrame& received, const Frame& frame,
                           const FrameVisitor& visitor) noexcept;
  void open(StreamState& stream, const ReceivedFrame& received, const FrameHeader& header, Gram& gram) noexcept;
  void close(StreamState& stream, Gram& gram) noexcept;
  void pass(StreamState& stream, const FrameVisitor& visitor) noexcept;
  void count(const FrameVisitor& visitor) noexcept;
  void keep(Gram& gram, const FrameVisitor& visitor) noexcept;
  void give(Peer& peer, Gram& gram) noexcept;
  void deliver_control(const Frame& frame) noexcept;
  FrameVisitor judge(uint32_t key, const Frame& frame, bool crc, Drop& fault) noexcept;
  Gram* spare() noexcept override;

  // shares.cpp: what everybody uses, and what is given up.
  [[nodiscard]] bool may_hold(Peer& peer) noexcept;
  [[nodiscard]] bool wait_for_gram(const Peer& peer) noexcept;
  [[nodiscard]] Gram* dispensable(const Peer& peer) noexcept;
  [[nodiscard]] Gram* oldest_open(const Peer* of) noexcept;
  [[nodiscard]] Drop refusal_of(Peer& peer, const Gram& gram) noexcept;
  void count_outstanding(Peer& peer, const Gram* but) noexcept;
  [[nodiscard]] bool alone(const Peer& peer) noexcept;
  [[nodiscard]] Peer* idle_peer() noexcept;
  void give_up(Gram& gram) noexcept;
  void age() noexcept;
  void flush() noexcept;

  AssemblerConfig config;
  BlobView blob;
  std::array<RunGeometry, 3> geometries;  ///< by tier, without key
  GramPool& pool;
  AssemblerSink& sink;
  AssemblerCounters counters;
  uint64_t now = 0;
  Peers peers;
  HeldFrames held;
  std::vector<StreamState*> waiting;   ///< the streams that hold frames
  const StreamState* named = nullptr;  ///< the stream of the last frame; null if the frame had none
  uint64_t vain_hold = UINT64_MAX;     ///< ticks, when no frame gave up its place among the held
  uint64_t searched = UINT64_MAX;      ///< ticks, when no idle peer was found
  uint64_t opened = 0;                 ///< grams ever opened, for their order
  uint32_t open_count = 0;             ///< open grams
  uint64_t open_frames = 0;            ///< frames in them
  Gram* spare_gram = nullptr;  ///< taken from the pool for a frame that turned out faulty; the next GRAM gets it
  std::unique_ptr<Descriptor[]> scratch_entries;
  DescriptorTable scratch;
};

}  // namespace pfs
