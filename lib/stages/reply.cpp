#include "stages/reply.hpp"

#include <rte_mbuf.h>

#include <cstring>

#include "wire/frame.hpp"

namespace pfs {

rte_mbuf* make_reply(const Port& port, const EncapsulationBuffer& to, uint16_t stream, uint32_t seq, uint32_t gram,
                     std::span<const uint8_t> unit) noexcept {
  rte_mbuf* frame = rte_pktmbuf_alloc(port.pool);
  if (frame == nullptr) return nullptr;
  const uint32_t bytes = to.length + kFrameHeaderBytes + static_cast<uint32_t>(unit.size());
  auto* at = reinterpret_cast<uint8_t*>(rte_pktmbuf_append(frame, static_cast<uint16_t>(bytes)));
  if (at == nullptr) {
    rte_pktmbuf_free(frame);
    return nullptr;
  }
  std::memcpy(at, to.bytes.data(), to.length);
  // The request may have come to a broadcast address; the answer comes from us.
  std::memcpy(at + port.mac.size(), port.mac.data(), port.mac.size());
  write_frame(at + to.length,
              {.stream = stream, .seq = seq, .gram = gram, .length = static_cast<uint16_t>(unit.size())});
  std::memcpy(at + to.length + kFrameHeaderBytes, unit.data(), unit.size());
  finish_encapsulation({at, bytes}, to.length);
  return frame;
}

std::span<const uint8_t> headers_of(const rte_mbuf& frame) noexcept {
  const auto* payload = rte_pktmbuf_mtod(&frame, const uint8_t*);
  return {payload - frame.l2_len, frame.l2_len};
}

}  // namespace pfs
