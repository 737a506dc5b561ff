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
  /// No gram is free: those that the sink has kept back go on now, or nobody can release them.
  virtual void on_dry_pool() noexcept {}
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
  uint32_t hold_frames = 1024;        ///< frames ahead of the next expected one that are held; a power of two
  uint64_t hold_ticks = 0;            ///< a gap that is older when age() looks is given up; 0: never
  uint64_t gram_ticks = 0;            ///< so is an open gram that grew no frame for this long; 0: never
  uint32_t open_grams = 8;            ///< a stream
  uint32_t max_streams = 64;          ///< streams that may appear when `streams` lists none
  std::vector<StreamConfig> streams;  ///< if not empty, only these
  std::vector<BareRule> bare;         ///< one a port at most; bare frames from other ports are refused
};

/// Everything it counts; one writer, any reader. The ledger, after every call:
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
  Counter results;
  std::array<Counter, kDropCount> dropped;  ///< frames, by reason
};

/// Puts frames together into grams (WIRE.md sections 3 and 4): puts a stream's frames in sequence (holding those that
/// are early, up to a bound), decodes them into the open gram's table, checks bounds and window CRCs, copies literals
/// to the slab, and gives each gram when its GRAM_END is there. A faulty frame changes nothing.
/// Takes frames; gives grams and control units to `sink`; owns held frames and open grams; drops by WIRE.md section 5;
/// one thread.
class Assembler {
 public:
  Assembler(const AssemblerConfig& config, const BlobView& blob, GramPool& pool, AssemblerSink& sink);
  ~Assembler();

  /// True: done with the frame, the caller frees it. False: held; on_released() will give it back.
  bool take(const ReceivedFrame& frame, uint64_t now) noexcept;

  /// Gives up on gaps and grams older than the limits. Cheap; call it about every millisecond.
  void age(uint64_t now) noexcept;

  /// Gives up on every gap, then on every open gram, oldest first. Nothing is held or open afterwards.
  void flush() noexcept;

  /// Frames held out of order, plus frames in open grams.
  [[nodiscard]] uint64_t frames_in_flight() const noexcept;

  /// The next expected sequence number of a stream that has been seen; for ACK.
  [[nodiscard]] bool next_expected(uint16_t stream, uint32_t& next) const noexcept;

  [[nodiscard]] const AssemblerCounters& counters() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pfs
