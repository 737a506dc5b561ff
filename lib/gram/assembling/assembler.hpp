#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/counter.hpp"
#include "blob/view.hpp"
#include "gram/gram.hpp"
#include "gram/pool.hpp"
#include "wire/drop.hpp"
#include "wire/frame.hpp"

namespace pfs {

/// A received frame. `owner` is the caller's handle (an mbuf); the assembler only hands it back.
struct ReceivedFrame {
  const uint8_t* payload = nullptr;
  uint32_t bytes = 0;
  std::span<const uint8_t> headers;  ///< what stood in front of the payload
  uint16_t port = 0;
  void* owner = nullptr;
};

/// What the assembler gives, called on the assembler's own thread.
class AssemblerSink {
 public:
  virtual ~AssemblerSink() = default;
  /// A whole gram. The sink owns it until it calls release().
  virtual void on_gram(Gram& gram) noexcept = 0;
  /// The assembler waits until grams are released: the sink hands on those that it has kept back and serves once what
  /// stands behind it. False if the run is over, so that no gram will come back.
  virtual bool serve() noexcept = 0;
  /// A frame that take() held is no longer needed.
  virtual void on_released(void* owner) noexcept = 0;
  virtual void on_result(uint16_t stream, const ResultUnit& result) noexcept = 0;
  virtual void on_ack(uint16_t stream, const AckUnit& ack) noexcept = 0;
  virtual void on_receipt(uint16_t stream, const ReceiptUnit& receipt) noexcept = 0;
};

struct StreamConfig {
  uint16_t id = 0;
  uint32_t key = 0;  ///< PRP key
};

/// Bare frames of one port are taken: as grams of `stream` with `op`.
struct BareRule {
  uint16_t port = 0;  ///< ReceivedFrame::port
  uint16_t stream = 0;
  uint8_t op = 0;
  bool crc = true;  ///< their SYNC_MARKs carry a CRC
};

struct AssemblerConfig {
  uint32_t hold_frames = 1024;           ///< a stream's frames are held that far ahead of the next expected one
  uint32_t max_held = 4096;              ///< frames held at once, of all streams
  uint32_t peer_held = 2048;             ///< of them, a peer's
  uint64_t hold_ticks = 0;               ///< a gap that is older when age() looks is given up; 0: never
  uint64_t gram_ticks = 0;               ///< so is an open gram that grew no frame for this long; 0: never
  uint64_t idle_ticks = 0;               ///< a peer that is silent for longer may be forgotten for a new one
  uint32_t open_grams = 8;               ///< a stream
  uint32_t max_streams = 64;             ///< streams of a peer that may appear when `streams` lists none
  uint32_t max_peers = 64;               ///< up to 65,535
  uint64_t max_gram_bytes = 1ULL << 30;  ///< that a gram may denote, and so a frame; below 2^63
  uint64_t peer_bytes = 1ULL << 30;      ///< that a peer's grams which are not yet released may denote together;
                                         ///< one gram alone may denote more
  std::vector<StreamConfig> streams;     ///< if not empty, only these, of each peer
  std::vector<BareRule> bare;            ///< one a port at most; bare frames from other ports are refused
};

/// Everything that an assembler counts; one writer, any reader. After every call the ledger closes:
/// frames_in == frames_out + control_frames + sum(dropped) + frames_in_flight().
struct AssemblerCounters {
  Counter frames_in;
  Counter grams_out;
  Counter frames_out;      ///< frames of the grams that were given to the sink
  Counter control_frames;  ///< frames with no gram of their own that were processed (RESULT, ACK, ...)
  Counter references;
  Counter windows_verified;
  Counter windows_broken;  ///< SYNC_MARKs behind which a frame was missing
  Counter frames_missing;  ///< gaps given up
  Counter grams_incomplete;
  Counter peers;  ///< in the table now
  Counter results;
  std::array<Counter, kDropCount> dropped;  ///< frames, by reason
};

/// How far a stream has come, for its acknowledgement.
struct StreamProgress {
  uint16_t stream = 0;
  uint32_t next = 0;       ///< the next expected sequence number
  uint32_t admission = 0;  ///< another number than before: another stream has the place
};

/// Puts frames together into grams (WIRE.md sections 3 and 4): puts a stream's frames in sequence (holding those that
/// are early, up to a bound), decodes them into the open gram's table, checks bounds and window CRCs, copies literals
/// to the slab, and gives each gram when its GRAM_END is there. A faulty frame changes nothing.
/// Streams are kept by peer: the port, VLAN, source MAC and, over UDP, source IP address of the frames. What one peer
/// sends cannot change what becomes of another's frames, and each has its share of what all of them use.
/// Takes frames; gives grams and control units to `sink`; owns held frames and open grams; drops by WIRE.md section 5;
/// one thread.
class Assembler {
 public:
  Assembler(const AssemblerConfig& config, const BlobView& blob, GramPool& pool, AssemblerSink& sink);
  ~Assembler();

  /// True: the assembler is done with the frame, and the caller frees it. False: the frame is held, and on_released()
  /// will give it back.
  bool take(const ReceivedFrame& frame, uint64_t now) noexcept;

  /// Gives up on gaps and grams older than the limits. The call is cheap; about one a millisecond is right.
  void age(uint64_t now) noexcept;

  /// Gives up on every gap, then on every open gram. Nothing is held or open afterwards.
  void flush() noexcept;

  /// Frames held out of order, plus frames in open grams.
  [[nodiscard]] uint64_t frames_in_flight() const noexcept;

  static constexpr uint32_t kNoPlace = 0xFFFFFFFF;
  /// The place of the stream to which the last frame given to take() belongs; kNoPlace if the frame was refused
  /// without looking at its stream, or was a bare or a control frame. All places are below places().
  [[nodiscard]] uint32_t place() const noexcept;
  [[nodiscard]] uint32_t places() const noexcept;
  [[nodiscard]] StreamProgress progress(uint32_t place) const noexcept;

  [[nodiscard]] const AssemblerCounters& counters() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pfs
