#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dpdk/port.hpp"
#include "gram/assembling/assembler.hpp"
#include "stages/stage.hpp"

namespace pfs {

struct AcknowledgeConfig {
  uint32_t every = 0;   ///< frames between ACKs; 0: none are sent
  uint32_t credit = 0;  ///< frames a sender may have beyond `next`
};

/// Tells senders how far their stream has come (WIRE.md, ACK): every so many frames, when the stream falls quiet, and
/// again with growing pauses in case an ACK was lost. Belongs to one `assemble` stage and runs on its lcore.
class Acknowledger {
 public:
  /// `streams`: as many as the assembler may know.
  Acknowledger(const AcknowledgeConfig& config, size_t streams, const Port& port, Stage& stage,
               uint64_t ticks_per_second);

  /// A frame of a stream that the assembler knows came in; its headers say where an answer goes.
  void saw(uint16_t stream, std::span<const uint8_t> headers) noexcept;

  /// Sends what is due. `now`: TSC. Returns ACKs sent.
  uint32_t poll(const Assembler& assembler, uint64_t now) noexcept;

 private:
  struct Peer {
    uint16_t stream = 0;
    EncapsulationBuffer to;
    uint32_t seq = 0;           ///< of our own frames on this stream
    uint32_t acknowledged = 0;  ///< last `next` sent
    uint32_t frames = 0;        ///< seen since then
    bool due = false;           ///< a first ACK is owed
    uint64_t sent = 0;          ///< TSC of the last ACK
    uint64_t pause = 0;         ///< ticks until it is said again
  };
  void send(Peer& peer, uint32_t next, uint64_t now) noexcept;

  AcknowledgeConfig config_;
  const Port& port_;
  Stage& stage_;
  uint64_t quiet_;
  uint64_t longest_pause_;
  std::vector<Peer> peers_;
};

}  // namespace pfs
