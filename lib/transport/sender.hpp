#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "transport/ack.hpp"
#include "transport/flights.hpp"
#include "transport/path.hpp"

namespace pfs::transport {

struct SenderConfig {
  uint32_t streams = 64;          ///< numbered from 0
  uint32_t stream_frames = 4096;  ///< of one stream that may be unacknowledged; a power of two
  uint32_t frames = 65536;        ///< of all streams together
  uint32_t first_seq = 0;         ///< sequence number that each stream begins with, as the peer knows
  uint32_t paths = 1;
  PathConfig path;
};

/// A frame that leaves now, or a ping: a frame without content that only asks for an Ack.
struct Departure {
  uint64_t token = 0;  ///< meaningless for a ping
  uint32_t seq = 0;
  uint16_t stream = 0;
  uint8_t path = 0;
  Time stamp = 0;       ///< goes with the frame, and comes back in an Ack
  bool repair = false;  ///< the frame was sent before
  bool ping = false;
};

/// What the sender tells its owner.
class SenderSink {
 public:
  virtual ~SenderSink() = default;
  /// The frame has arrived: what its token stands for may go.
  virtual void on_arrived(uint64_t token) noexcept = 0;
};

struct SenderCounters {
  uint64_t submitted = 0;  ///< frames
  uint64_t sent = 0;       ///< frames, repairs among them
  uint64_t repairs = 0;    ///< frames sent again
  uint64_t needless = 0;   ///< repairs of frames that arrived after all
  uint64_t arrived = 0;    ///< frames
  uint64_t pings = 0;
  uint64_t timeouts = 0;      ///< silences of a path that lasted too long
  uint64_t acks_refused = 0;  ///< Acks that speak of what was never sent, or of a stream or path that is not there
};

/// The sending half of a session: numbers frames, sends them by the paths at their pace, sends again what is lost, and
/// keeps within what the peer has room for. A frame is a token to the sender, which never looks at its bytes. Pure: the
/// caller brings the time and carries the frames. Takes memory only when constructed.
class Sender {
 public:
  Sender(const SenderConfig& config, SenderSink& sink);

  /// Frames of the stream that submit() takes now; 0 where the peer grants nothing or too much is unacknowledged.
  [[nodiscard]] uint32_t room(uint16_t stream) const noexcept;
  /// The next frame of a stream, if there is room; its sequence number. `denoted`: bytes that the frame stands for,
  /// which count against the peer's grant.
  uint32_t submit(uint16_t stream, uint64_t token, uint32_t wire_bytes, uint64_t denoted) noexcept;

  /// The next frame that leaves now, if one may.
  std::optional<Departure> depart(Time now) noexcept;
  void on_ack(const Ack& ack, Time now) noexcept;
  /// Looks at the timers. Call it at next_event(), or more often.
  void on_time(Time now) noexcept;
  /// When depart() or on_time() may have something to do; kNever if only an Ack or a submission can change that.
  [[nodiscard]] Time next_event(Time now) const noexcept;

  [[nodiscard]] uint32_t unacknowledged() const noexcept { return config_.frames - flights_.spare(); }
  [[nodiscard]] const SenderCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] const Path& path(uint8_t index) const noexcept { return paths_[index]; }

 private:
  struct Stream {
    uint32_t next = 0;              ///< sequence number of the next submission
    uint32_t unsent = 0;            ///< of the next frame that has never been sent
    uint32_t first = 0;             ///< unacknowledged
    uint32_t limit = 0;             ///< first sequence number that the peer has no place for
    uint32_t told = 0;              ///< `next` of the Ack that said so
    std::vector<uint32_t> flights;  ///< by sequence number, modulo the size
  };

  [[nodiscard]] bool refuses(const Ack& ack) const noexcept;
  void arrive(Stream& stream, uint32_t seq, Time now) noexcept;
  void find_lost(Path& path, Time now) noexcept;
  void lose(Path& path, uint32_t index) noexcept;
  void hurry(const Stream& stream) noexcept;
  void on_silence(size_t path, Time now) noexcept;
  [[nodiscard]] bool wants_grant() const noexcept;
  std::optional<Departure> depart_ping(Time now) noexcept;
  [[nodiscard]] std::optional<uint8_t> choose_path(uint32_t bytes, Time now) const noexcept;
  [[nodiscard]] uint32_t waiting() const noexcept;
  [[nodiscard]] uint32_t sendable(const FlightList& list) const noexcept;

  SenderConfig config_;
  SenderSink& sink_;
  Flights flights_;
  std::vector<Stream> streams_;
  std::vector<Path> paths_;
  FlightList fresh_;      ///< submitted, never sent
  FlightList lost_;       ///< to be sent again
  uint64_t denoted_ = 0;  ///< bytes, of all submissions
  uint64_t denoted_limit_ = 0;
  bool denoted_granted_ = false;
  Time ask_at_ = 0;         ///< when the peer may be asked for its grant
  bool probe_ = false;      ///< one frame may leave whatever pace and window say
  std::vector<bool> ping_;  ///< by path: a ping is due
  SenderCounters counters_;
};

}  // namespace pfs::transport
