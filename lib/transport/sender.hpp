#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "transport/ack.hpp"
#include "transport/bits.hpp"
#include "transport/flights.hpp"
#include "transport/path.hpp"

namespace pfs::transport {

struct SenderConfig {
  uint32_t streams = 64;          ///< of a session, at most
  uint32_t stream_frames = 4096;  ///< of one stream that may be unacknowledged; a power of two
  uint32_t frames = 65536;        ///< of all streams together
  uint32_t paths = 4;             ///< at most
};

/// A frame that leaves now, or a ping: a frame without content that only asks for an Ack.
struct Departure {
  uint64_t token = 0;  ///< meaningless for a ping
  uint32_t seq = 0;
  uint16_t stream = 0;
  uint8_t path = 0;
  Time stamp = 0;        ///< goes with the frame, and comes back in an Ack
  uint64_t denoted = 0;  ///< as it was submitted
  bool repair = false;   ///< the frame was sent before
  bool ping = false;
};

/// What the sender tells its owner.
class SenderSink {
 public:
  virtual ~SenderSink() = default;
  /// The frame has arrived: what its token stands for may go.
  virtual void on_arrived(uint64_t token) noexcept = 0;
  /// The session is over, and whether the frame has arrived is not known.
  virtual void on_given_up(uint64_t token) noexcept = 0;
};

struct SenderCounters {
  uint64_t submitted = 0;  ///< frames
  uint64_t sent = 0;       ///< frames, repairs among them
  uint64_t repairs = 0;    ///< frames sent again
  uint64_t needless = 0;   ///< repairs of frames that arrived after all
  uint64_t arrived = 0;    ///< frames
  uint64_t pings = 0;
  uint64_t timeouts = 0;       ///< silences of a path that lasted too long
  uint64_t acks_refused = 0;   ///< Acks that speak of what was never sent, or of a stream or path that is not there
  uint64_t nacked = 0;         ///< frames that a nack made lost
  uint64_t nacks_refused = 0;  ///< nacks of which no frame is in flight that can be meant

  SenderCounters& operator+=(const SenderCounters& other) noexcept {
    submitted += other.submitted;
    sent += other.sent;
    repairs += other.repairs;
    needless += other.needless;
    arrived += other.arrived;
    pings += other.pings;
    timeouts += other.timeouts;
    acks_refused += other.acks_refused;
    nacked += other.nacked;
    nacks_refused += other.nacks_refused;
    return *this;
  }
};

/// The sending half of a session: numbers frames, sends them by the paths at their pace, sends again what is lost, and
/// keeps within what the peer has room for. A frame is a token to the sender, which never looks at its bytes. Pure: the
/// caller brings the time and carries the frames. Takes memory only when constructed.
class Sender {
 public:
  Sender(const SenderConfig& config, SenderSink& sink, const Opening& opening = {});

  /// Hands every token back through on_given_up(): what has not been acknowledged never will be.
  void give_up() noexcept;
  /// Another session takes the place of one that was given up. It has no path until one is added.
  void reset(const Opening& opening) noexcept;

  /// The peer can be reached by this path from now on; one of that number that was there before is forgotten.
  void add_path(uint8_t path, const PathConfig& config, Time now) noexcept;
  /// Frames of more bytes go by other paths.
  void set_most(uint8_t path, uint32_t wire_bytes) noexcept { paths_[path].set_most(wire_bytes); }
  /// What is in flight on the path goes again by the others.
  void remove_path(uint8_t path) noexcept;

  /// Frames of the stream that submit() takes now; 0 where the peer grants nothing or too much is unacknowledged.
  [[nodiscard]] uint32_t room(uint16_t stream) const noexcept;
  /// The next frame of a stream, if there is room; its sequence number. `denoted`: bytes that the frame stands for,
  /// which count against the peer's grant.
  uint32_t submit(uint16_t stream, uint64_t token, uint32_t wire_bytes, uint64_t denoted) noexcept;

  /// The next frame that leaves now, if one may.
  std::optional<Departure> depart(Time now) noexcept;
  void on_ack(const Ack& ack, Time now) noexcept;
  /// The peer saw that these frames of the stream were lost: their heads arrived. Nobody vouches for such a report, so
  /// it can only make a frame lost that has been in flight for a round trip, which is once for each round trip.
  void on_nack(uint16_t stream, uint32_t seq, uint32_t count, Time now) noexcept;
  /// Looks at the timers. Call it at next_event(), or more often.
  void on_time(Time now) noexcept;
  /// When depart() or on_time() may have something to do; kNever if only an Ack or a submission can change that.
  [[nodiscard]] Time next_event(Time now) const noexcept;

  /// Bytes on the wire of the longest frame that has not been acknowledged; 0 if there is none. Looks at all of them.
  [[nodiscard]] uint32_t longest() const noexcept;
  [[nodiscard]] uint32_t unacknowledged() const noexcept { return config_.frames - flights_.spare(); }
  [[nodiscard]] const SenderCounters& counters() const noexcept { return counters_; }
  /// What was counted, which then counts from 0.
  SenderCounters take_counters() noexcept { return std::exchange(counters_, {}); }
  [[nodiscard]] const Path& path(uint8_t index) const noexcept { return paths_[index]; }

 private:
  struct Stream {
    explicit Stream(uint32_t frames) : flights(frames, kNone), open(frames) {}

    uint32_t next_seq = 0;  ///< of the next submission
    uint32_t unsent = 0;    ///< sequence number of the next frame that has never been sent
    uint32_t first = 0;     ///< unacknowledged
    uint32_t limit = 0;     ///< first sequence number that the peer has no place for
    uint32_t told = 0;      ///< `next` of the Ack that said so
    uint32_t turn = 0;      ///< frames that may leave before it is another stream's turn
    bool ready = false;     ///< in the list of streams that have a frame to send for the first time
    uint32_t previous = kNone, next = kNone;
    std::vector<uint32_t> flights;  ///< by sequence number, modulo the size
    SeqBits open;                   ///< submitted and not known to have arrived
  };

  [[nodiscard]] uint32_t& flight_of(Stream& stream, uint32_t seq) const noexcept {
    return stream.flights[seq & (config_.stream_frames - 1)];
  }
  void look(Stream& stream) noexcept;
  [[nodiscard]] uint32_t waiting() const noexcept;
  [[nodiscard]] uint32_t sendable_repair() const noexcept;
  [[nodiscard]] std::optional<uint8_t> choose_path(uint32_t bytes, Time now) const noexcept;
  std::optional<Departure> depart_ping(Time now) noexcept;

  [[nodiscard]] bool refuses(const Ack& ack) const noexcept;
  void arrive(Stream& stream, uint32_t seq, Time now) noexcept;
  void take_grant(Stream& stream, const Ack& ack, Time now) noexcept;

  void find_lost(Path& path, Time now) noexcept;
  void lose(Path& path, uint32_t index) noexcept;
  void hurry(Stream& stream) noexcept;
  [[nodiscard]] bool is_stuck() const noexcept;
  void on_silence(uint8_t path, Time now) noexcept;
  /// The peer's grant of bytes is what keeps the owner from submitting. An Ack that raised it may have been lost. Where
  /// places for frames are what lacks, frames are in flight, and their Acks will tell.
  [[nodiscard]] bool wants_grant() const noexcept { return denoted_ > denoted_limit_ && unacknowledged() == 0; }

  SenderConfig config_;
  SenderSink& sink_;
  Flights flights_;
  std::vector<uint64_t> denotes_;  ///< bytes, by flight; a flight itself fills a cache line
  uint32_t open_streams_ = 0;
  std::vector<Stream> streams_;
  std::vector<Path> paths_;
  List ready_;            ///< streams with a frame to send for the first time, which take turns
  List lost_;             ///< flights to be sent again
  uint64_t denoted_ = 0;  ///< bytes, of all submissions
  uint64_t denoted_limit_ = 0;
  bool denoted_granted_ = false;
  uint8_t pressure_ = 0;
  Time ask_at_ = 0;      ///< when the peer may be asked for its grant
  bool push_ = false;    ///< one frame may leave although the peer had no place for it
  uint32_t probes_ = 0;  ///< frames that may leave whatever pace and window say
  uint32_t pings_ = 0;   ///< a bit for each path: a ping is due
  SenderCounters counters_;
};

}  // namespace pfs::transport
