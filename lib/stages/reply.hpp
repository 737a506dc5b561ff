#pragma once

#include <cstdint>
#include <span>

#include "dpdk/port.hpp"
#include "kernels/kernel.hpp"
#include "wire/ethernet.hpp"
#include "wire/frame.hpp"
#include "wire/unit.hpp"

struct rte_mbuf;

namespace pfs {

/// The longest frame that is built whatever a port's MTU, without the headers in front: the RESULT of a kernel. (A
/// program's RESULT has to fit the MTU. The 1 is the unit's tag.)
constexpr uint32_t kReplyBytesMax = kFrameHeaderBytes + 1 + kResultFixedBytes + kKernelOutputMax;

/// A frame of one unit that answers a peer: RESULT, ACK or RECEIPT. `unit` is the encoded unit, tag included.
/// The source address is the port's own. nullptr when the port's pool is dry (the caller counts it).
rte_mbuf* make_reply(const Port& port, const EncapsulationBuffer& to, uint16_t stream, uint32_t seq, uint32_t gram,
                     std::span<const uint8_t> unit) noexcept;

/// The headers in front of a received frame's payload: rx cut them off, but they still lie there.
std::span<const uint8_t> headers_of(const rte_mbuf& frame) noexcept;

}  // namespace pfs
