#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "transport/ack.hpp"
#include "transport/bits.hpp"
#include "transport/links.hpp"

namespace pfs::transport {

struct ReceiverConfig {
  uint32_t streams = 64;               ///< of a session, at most
  uint32_t stream_frames = 4096;       ///< ahead of the next expected one that a stream may hold; a power of two
  uint32_t held = 16384;               ///< frames of all streams together that may be held
  uint64_t bytes = uint64_t{1} << 30;  ///< denoted bytes that may be delivered and still be worked on
  uint32_t ack_every = 16;             ///< frames
  Time ack_delay = kMillisecond;       ///< after the first frame that is not acknowledged
};

/// A frame of a session as it comes.
struct Incoming {
  uint16_t stream = 0;
  uint8_t path = 0;
  uint32_t seq = 0;
  Time stamp = 0;        ///< the sender's
  uint64_t denoted = 0;  ///< bytes that the frame stands for, as the sender counted them
  uint64_t token = 0;
};

struct ReceiverCounters {
  uint64_t delivered = 0;  ///< frames, in their order, each once
  uint64_t duplicates = 0;
  uint64_t beyond = 0;   ///< frames further ahead than a stream may hold
  uint64_t no_room = 0;  ///< frames out of order for which there was no place
  uint64_t unknown = 0;  ///< frames of a stream that is not there
  uint64_t acks = 0;

  ReceiverCounters& operator+=(const ReceiverCounters& other) noexcept {
    delivered += other.delivered;
    duplicates += other.duplicates;
    beyond += other.beyond;
    no_room += other.no_room;
    unknown += other.unknown;
    acks += other.acks;
    return *this;
  }
};

/// The receiving half of a session: puts the frames of each stream in order, each once, and says what is here and how
/// much more may come. A frame is a token. Pure: the caller brings the time and carries the Acks. Takes memory only
/// when constructed.
class Receiver {
 public:
  explicit Receiver(const ReceiverConfig& config, const Opening& opening = {});

  /// The session is over and another takes its place. Hand back what is held by give_up() first.
  void reset(const Opening& opening) noexcept;
  /// Gives every token that is held to `take`, and holds none of them any more.
  template <class Take>
  void give_up(Take&& take) noexcept {
    for (Stream& stream : streams_)
      for (uint32_t seq = stream.next_seq; stream.held != 0; ++seq)
        if (stream.here.test(seq)) take(let_go(stream, seq));
  }

  enum class Verdict : uint8_t {
    kDeliver,    ///< the frame is the next one; next_held() may give more behind it
    kHold,       ///< the frame came early: its token is kept until next_held() gives it
    kDuplicate,  ///< this and the following: the caller frees the frame
    kBeyond,
    kNoRoom,
    kUnknown,
  };
  Verdict on_frame(const Incoming& frame, Time now) noexcept;
  /// True if the frame may come and is not here.
  [[nodiscard]] bool lacks(uint16_t stream, uint32_t seq) const noexcept;
  /// Until told otherwise, frames are held as they come, the next one of a stream included, and next_held() gives none.
  void hold(bool held_back) noexcept { held_back_ = held_back; }
  /// An Ack of the stream is due at once.
  void answer(uint16_t stream, Time now) noexcept { schedule(streams_[stream], true, now); }
  /// Of every stream of which anything came: the session ends, and the sender shall know what has arrived.
  void answer_all(Time now) noexcept;
  /// A ping came: the next Ack answers it.
  void on_ping(uint8_t path, Time stamp, Time now) noexcept;

  /// After kDeliver: the next frame of the stream that was held, if it is here. Again until there is none.
  std::optional<uint64_t> next_held(uint16_t stream) noexcept;

  /// How much of what was delivered is still worked on, in denoted bytes, and how far behind that is. The grant follows
  /// this gauge and no sum of what was finished, so that nothing leaks where frames or grams are dropped on the way.
  void on_backlog(uint64_t outstanding, uint8_t pressure, Time now) noexcept;

  /// The next Ack that is due, if one is.
  bool next_ack(Time now, Ack& ack) noexcept;
  /// When next_ack() has something to say; kNever if only a frame can change that.
  [[nodiscard]] Time next_event() const noexcept;

  [[nodiscard]] uint32_t held() const noexcept { return held_; }
  /// Lowers how many frames may be held: the owner shares places among several receivers.
  void limit_held(uint32_t frames) noexcept { most_held_ = frames; }
  [[nodiscard]] uint64_t delivered_bytes() const noexcept { return delivered_; }
  [[nodiscard]] const ReceiverCounters& counters() const noexcept { return counters_; }
  /// What was counted, which then counts from 0.
  ReceiverCounters take_counters() noexcept { return std::exchange(counters_, {}); }

 private:
  struct Place {
    uint64_t token = 0;
    uint64_t denoted = 0;
  };
  struct Stream {
    explicit Stream(uint32_t frames) : places(frames), here(frames), news((frames + kBlock - 1) / kBlock) {}

    uint32_t next_seq = 0;
    uint32_t held = 0;
    uint32_t unanswered = 0;  ///< frames since the last round of Acks
    uint32_t in_round = 0;    ///< of which, those that had come when this round began
    uint32_t top = 0;         ///< sequence number behind the last frame that is held; meaningless if none is
    uint32_t told = 0;        ///< up to which this round of Acks has told of what is here
    bool telling = false;     ///< a round of Acks is not over
    Time due = kNever;
    Time came = 0;  ///< when the frame came that the next Ack answers
    Time stamp = 0;
    uint8_t path = 0;
    uint32_t previous = kNone, next = kNone;  ///< in the list of those that have an Ack due
    std::vector<Place> places;                ///< by sequence number, modulo the size
    SeqBits here;
    std::vector<uint8_t> news;  ///< by block of sequence numbers: Acks that shall still tell of what is here of it
  };

  static constexpr uint32_t kBlock = 1024;  ///< frames of which an Ack tells together

  [[nodiscard]] uint8_t& news(Stream& stream, uint32_t seq) const noexcept {
    return stream.news[(seq & (config_.stream_frames - 1)) / kBlock];
  }
  [[nodiscard]] uint64_t let_go(Stream& stream, uint32_t seq) noexcept;
  void answer_later(Stream& stream, uint8_t path, Time stamp, bool at_once, Time now) noexcept;
  void schedule(Stream& stream, bool at_once, Time now) noexcept;
  void unschedule(Stream& stream) noexcept;
  [[nodiscard]] uint32_t places(const Stream& stream) const noexcept;
  /// Frames that may still be held.
  [[nodiscard]] uint32_t spare() const noexcept {
    const uint32_t most = std::min(config_.held, most_held_);
    return most > held_ ? most - held_ : 0;
  }
  void fill(Stream& stream, Time now, Ack& ack) noexcept;
  void draw_map(Stream& stream, Ack& ack) noexcept;
  [[nodiscard]] uint64_t bits(const Stream& stream, uint32_t seq) const noexcept;

  ReceiverConfig config_;
  uint32_t open_streams_ = 0;
  uint32_t first_seq_ = 0;
  bool held_back_ = false;
  std::vector<Stream> streams_;
  List soon_;            ///< streams whose Ack is due at once
  List later_;           ///< streams whose Ack is due after the delay, the first of them in front
  uint32_t active_ = 0;  ///< streams that hold frames or have an Ack due
  uint32_t held_ = 0;    ///< frames
  uint32_t most_held_ = UINT32_MAX;
  uint64_t delivered_ = 0;  ///< denoted bytes
  uint64_t granted_ = 0;    ///< denoted bytes since the session began, up to which frames may come
  uint64_t told_ = 0;       ///< what the last Ack said of that
  uint8_t pressure_ = 0;
  uint8_t told_pressure_ = 0;
  ReceiverCounters counters_;
};

}  // namespace pfs::transport
