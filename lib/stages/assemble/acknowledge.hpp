#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gram/assembling/assembler.hpp"
#include "stages/reply.hpp"

namespace pfs {

struct AcknowledgeConfig {
  uint32_t every = 0;   ///< frames between ACKs; 0: none are sent
  uint32_t credit = 0;  ///< frames a sender may have beyond `next`
};

/// Tells senders how far their stream has come (WIRE.md, ACK): every so many frames, when the stream falls quiet, and
/// again with growing pauses in case an ACK was lost. Belongs to one `assemble` stage and runs on its lcore.
class Acknowledger {
 public:
  Acknowledger(const AcknowledgeConfig& config, const Assembler& assembler, Replies& replies,
               uint64_t ticks_per_second);

  /// A frame of the stream at that place of the assembler came in; its port and headers say where an answer goes.
  void saw(uint32_t place, uint16_t port, std::span<const uint8_t> headers) noexcept;

  /// Sends what is due, looking only at streams that have something due. `now`: TSC.
  void poll(uint64_t now) noexcept;

 private:
  /// What a stream's sender has been told. It lies at the stream's place.
  struct Told {
    ReplyPath to;
    uint32_t admission = 0;     ///< whose the place was; another number in the assembler: another stream
    uint32_t seq = 0;           ///< of our own frames on this stream
    uint32_t acknowledged = 0;  ///< last `next` sent
    uint32_t frames = 0;        ///< seen since then
    bool listed = false;        ///< in `pending_`
    bool due = false;           ///< a first ACK is owed
    uint64_t sent = 0;          ///< TSC of the last ACK
    uint64_t pause = 0;         ///< ticks until it is said again
  };
  /// False: nothing more is to be said for now.
  bool tell(Told& told, const StreamProgress& progress, uint64_t now) noexcept;
  void send(Told& told, const StreamProgress& progress, uint64_t now) noexcept;

  AcknowledgeConfig config_;
  const Assembler& assembler_;
  Replies& replies_;
  uint64_t quiet_;
  uint64_t longest_pause_;
  std::vector<Told> told_;
  std::vector<uint32_t> pending_;  // places of the streams to which something is still to be said
};

}  // namespace pfs
