#pragma once

#include <cstdint>
#include <span>

#include "dpdk/port.hpp"
#include "gram/gram.hpp"
#include "kernels/kernel.hpp"
#include "stages/ports_by_number.hpp"
#include "stages/stage.hpp"
#include "wire/frame.hpp"
#include "wire/unit.hpp"

struct rte_mbuf;

namespace pfs {

/// The longest frame that is built whatever a port's MTU, without the headers in front: the RESULT of a kernel. (A
/// program's RESULT has to fit the MTU. The 1 is the unit's tag.)
constexpr uint32_t kReplyBytesMax = kFrameHeaderBytes + 1 + kResultFixedBytes + kKernelOutputMax;

/// A frame of one unit that answers a peer: RESULT, ACK or RECEIPT.
struct Reply {
  uint16_t stream = 0;
  uint32_t seq = 0;  ///< of our own frames on this stream
  uint32_t gram = 0;
  std::span<const uint8_t> unit;  ///< encoded, tag included
};

/// A stage's ways back to its peers. An answer leaves by the port that its question came from: its mbuf is of that
/// port's pool, its source address is that port's, and it takes an edge that leads to a tx stage of that port.
class Replies {
 public:
  /// `ports`: all of them, which stay where they are.
  Replies(Stage& stage, std::span<const Port> ports);

  /// True if the answer is under way. The stage's counters say `built`, and what became of an answer that is not under
  /// way: no_path, no_memory, too_long, queue_full.
  bool send(const ReplyPath& to, const Reply& reply) noexcept;

  /// The port that an answer leaves by, or nullptr.
  [[nodiscard]] const Port* port(const ReplyPath& to) const noexcept { return ports_.find(to.port); }

 private:
  rte_mbuf* build(const Port& port, const EncapsulationBuffer& to, const Reply& reply) noexcept;

  Stage& stage_;
  PortsByNumber ports_;
};

/// The headers in front of a received frame's payload: rx cut them off, but they still lie there.
std::span<const uint8_t> headers_of(const rte_mbuf& frame) noexcept;

}  // namespace pfs
