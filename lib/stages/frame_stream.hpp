#pragma once

#include <rte_mbuf.h>

#include "base/endian.hpp"
#include "wire/ethernet.hpp"
#include "wire/frame.hpp"

namespace pfs {

/// Bytes of headers that rx cut off a received frame; they still lie before its payload. None were cut off a built
/// frame, in which l2_len tells the NIC what it needs to know for a checksum.
inline uint32_t cut_off(const rte_mbuf& frame) noexcept {
  return frame.port == RTE_MBUF_PORT_INVALID ? 0 : frame.l2_len;
}

/// The stream of a received frame, whose data is its payload, or of a built one, which still begins with its Ethernet
/// header; of a frame without a header of ours, `otherwise`.
inline uint16_t stream_of(const rte_mbuf& frame, uint16_t otherwise) noexcept {
  const uint32_t headers = frame.port == RTE_MBUF_PORT_INVALID ? kEthernetHeaderBytes : 0;
  const auto* payload = rte_pktmbuf_mtod_offset(&frame, const uint8_t*, headers);
  return frame.data_len >= headers + 4 && payload[0] == kFrameTag ? load_be<uint16_t>(payload + 2) : otherwise;
}

}  // namespace pfs
