#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct rte_mbuf;

namespace pfs {

/// The bits of those named offloads that the device has. An offload that the device lacks becomes a line of `notes`.
uint64_t grant_offloads(const std::vector<std::string>& asked, uint64_t capable, bool receive,
                        std::vector<std::string>& notes);

struct Port;

/// Sets IP and UDP lengths and checksums of a complete frame, one segment, whose headers are `header_bytes` long. Where
/// the port sums UDP itself (tx_offloads: UDP_CKSUM, IPV4_CKSUM), the frame asks for that, and its l2_len and l3_len
/// tell where.
void finish_frame(rte_mbuf& frame, uint32_t header_bytes, const Port& port) noexcept;

}  // namespace pfs
