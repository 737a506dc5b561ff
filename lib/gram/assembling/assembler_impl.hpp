#pragma once

#include <array>
#include <memory>
#include <vector>

#include "gram/assembling/assembler.hpp"
#include "gram/assembling/frame_visitor.hpp"
#include "gram/assembling/stream.hpp"
#include "wire/codec/decode/decode.hpp"

namespace pfs {

/// The bare frames of a port: a window runs from one to the next as they come.
struct BareStream {
  BareRule rule;
  Window window;
  uint32_t grams = 0;
};

/// The assembler behind its contract. `assembler.cpp` puts frames in sequence, `frame_steps.cpp` puts one frame into
/// its gram (`plain_frame.cpp` the usual one), `give_up.cpp` is everything that ends without having been completed.
struct Assembler::Impl final : GramSource {
  Impl(const AssemblerConfig& config, const BlobView& blob, GramPool& pool, AssemblerSink& sink);
  ~Impl();

  // assembler.cpp: sequence.
  bool take(const ReceivedFrame& received) noexcept;
  bool take_out_of_turn(const ReceivedFrame& received, const Frame& frame) noexcept;
  bool take_control(const Frame& frame) noexcept;
  bool take_judged(StreamState& stream, const ReceivedFrame& received, const Frame& frame) noexcept;
  bool take_in_turn(StreamState& stream, const ReceivedFrame& received, const Frame& frame) noexcept;
  bool shows_resync(StreamState& stream, uint32_t seq) noexcept;
  void begin(StreamState& stream, const FrameHeader& header) noexcept;
  void drain(StreamState& stream) noexcept;
  [[nodiscard]] StreamState* find(uint16_t id) noexcept {
    const uint16_t place = index[id];
    return place == kNoStream ? nullptr : &streams[place];
  }
  [[nodiscard]] bool admits_another() const noexcept;
  StreamState* admit(uint16_t id) noexcept;
  bool drop(Drop why) noexcept {
    counters.dropped[static_cast<size_t>(why)].add(1);
    return true;
  }

  // plain_frame.cpp: the usual frame into its gram.
  bool take_plain(const ReceivedFrame& received, const Frame& frame) noexcept;

  // frame_steps.cpp: any frame into its gram.
  FrameVisitor visitor_of(const StreamState& stream, const FrameHeader& header) noexcept;
  void apply(StreamState& stream, const ReceivedFrame& received, const Frame& frame) noexcept;
  void apply_interrupted(StreamState& stream, const ReceivedFrame& received, const Frame& frame,
                         const FrameVisitor& visitor, Drop fault) noexcept;
  void apply_over_limit(StreamState& stream, const ReceivedFrame& received, const Frame& frame) noexcept;
  void finish_without_gram(StreamState& stream, const ReceivedFrame& received, const Frame& frame,
                           const FrameVisitor& visitor) noexcept;
  OpenGram* open(StreamState& stream, const ReceivedFrame& received, const FrameHeader& header, Gram& gram) noexcept;
  void pass(StreamState& stream, const FrameVisitor& visitor) noexcept;
  void count(const FrameVisitor& visitor) noexcept;
  void keep(Gram& gram, const FrameVisitor& visitor) noexcept;
  void give(Gram& gram) noexcept;
  void deliver_control(const Frame& frame) noexcept;
  bool take_bare(const ReceivedFrame& received, const Frame& frame) noexcept;
  FrameVisitor judge(const StreamState* stream, const Frame& frame, bool crc, Drop& fault) noexcept;
  Gram* spare() noexcept override;

  // give_up.cpp
  void give_up(StreamState& stream, OpenGram* open) noexcept;
  void give_up_gap(StreamState& stream) noexcept;
  void restart(StreamState& stream, uint32_t seq, uint64_t session) noexcept;
  void make_room() noexcept;
  [[nodiscard]] StreamState* stream_of_oldest() noexcept;
  [[nodiscard]] uint32_t open_grams() const noexcept;
  void age() noexcept;
  void flush() noexcept;

  static constexpr uint16_t kNoStream = 0xFFFF;  // so at most 65,535 streams at once
  static constexpr uint32_t kFarFrames = 8;      // consecutive frames too far ahead that resynchronise a stream

  AssemblerConfig config;
  BlobView blob;
  std::array<RunGeometry, 3> geometries;  ///< by tier, without key
  GramPool& pool;
  AssemblerSink& sink;
  AssemblerCounters counters;
  uint64_t now = 0;
  uint64_t opened = 0;          ///< grams ever opened, for their order
  Gram* spare_gram = nullptr;   ///< taken from the pool for a frame that turned out faulty; the next GRAM gets it
  std::vector<uint16_t> index;  ///< stream id -> place in `streams`
  std::vector<StreamState> streams;
  uint32_t stream_count = 0;
  std::unique_ptr<OpenGram[]> open_slots;
  std::unique_ptr<HeldFrame[]> hold_slots;
  std::unique_ptr<Descriptor[]> scratch_entries;
  DescriptorTable scratch;
  std::vector<BareStream> bare;
};

}  // namespace pfs
