#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "transport/ack.hpp"

namespace pfs::transport {

struct ReceiverConfig {
  uint32_t streams = 64;               ///< numbered from 0
  uint32_t stream_frames = 4096;       ///< ahead of the next expected one that a stream may hold; a power of two
  uint32_t first_seq = 0;              ///< sequence number that each stream begins with
  uint32_t held = 16384;               ///< frames of all streams together that may be held
  uint64_t bytes = uint64_t{1} << 30;  ///< denoted bytes that may be here and not consumed
  uint32_t ack_every = 16;             ///< frames
  Time ack_delay = kMillisecond;       ///< after the first frame that is not acknowledged
};

struct ReceiverCounters {
  uint64_t delivered = 0;  ///< frames, in their order, each once
  uint64_t duplicates = 0;
  uint64_t beyond = 0;   ///< frames further ahead than a stream may hold
  uint64_t no_room = 0;  ///< frames out of order for which there was no place
  uint64_t unknown = 0;  ///< frames of a stream that is not there
  uint64_t acks = 0;
};

/// The receiving half of a session: puts the frames of each stream in order, each once, and says what is here and how
/// much more may come. A frame is a token. Pure: the caller brings the time and carries the Acks. Takes memory only
/// when constructed.
class Receiver {
 public:
  explicit Receiver(const ReceiverConfig& config);

  enum class Verdict : uint8_t {
    kDeliver,    ///< the frame is the next one; next_held() may give more behind it
    kHold,       ///< the frame came early: its token is kept until next_held() gives it
    kDuplicate,  ///< this and the following: the caller frees the frame
    kBeyond,
    kNoRoom,
    kUnknown,
  };
  /// A frame came by `path`, with the sender's `stamp`.
  Verdict on_frame(uint16_t stream, uint32_t seq, uint64_t token, uint8_t path, Time stamp, Time now) noexcept;
  /// A ping came: the next Ack answers it.
  void on_ping(uint8_t path, Time stamp, Time now) noexcept {
    answer_later(streams_[0], streams_[0].next, path, stamp, true, now);
  }

  /// After kDeliver: the next frame of the stream that was held, if it is here. Again until there is none.
  std::optional<uint64_t> next_held(uint16_t stream) noexcept;

  /// What frames that were delivered denote has been consumed, so that as much more may come.
  void on_consumed(uint64_t bytes) noexcept;

  /// The next Ack that is due, if one is.
  bool next_ack(Time now, Ack& ack) noexcept;
  /// When next_ack() has something to say; kNever if only a frame can change that.
  [[nodiscard]] Time next_event() const noexcept;

  [[nodiscard]] uint32_t held() const noexcept { return held_; }
  [[nodiscard]] const ReceiverCounters& counters() const noexcept { return counters_; }

 private:
  struct Stream {
    uint32_t next = 0;
    uint32_t held = 0;
    uint32_t unanswered = 0;  ///< frames since the last Ack
    uint32_t lowest = 0;      ///< sequence number among them, the smallest
    uint32_t far = 0;         ///< the smallest of those that one map does not reach from `lowest`
    bool has_far = false;
    Time due = kNever;
    Time came = 0;  ///< when the frame came that the next Ack answers
    Time stamp = 0;
    uint8_t path = 0;
    std::vector<uint64_t> tokens;  ///< by sequence number, modulo the size
    std::vector<uint64_t> here;    ///< a bit each
  };

  static void tell(Stream& stream, uint32_t seq) noexcept;
  [[nodiscard]] bool is_here(const Stream& stream, uint32_t seq) const noexcept;
  void mark(Stream& stream, uint32_t seq, bool here) noexcept;
  void answer_later(Stream& stream, uint32_t seq, uint8_t path, Time stamp, bool at_once, Time now) noexcept;
  [[nodiscard]] uint32_t places(const Stream& stream) const noexcept;
  void fill(const Stream& stream, uint16_t id, Time now, Ack& ack) noexcept;

  ReceiverConfig config_;
  std::vector<Stream> streams_;
  uint32_t held_ = 0;
  uint64_t consumed_ = 0;  ///< denoted bytes
  uint64_t told_ = 0;      ///< of them, in the last Ack
  uint16_t turn_ = 0;      ///< the stream that is looked at first for an Ack
  ReceiverCounters counters_;
};

}  // namespace pfs::transport
