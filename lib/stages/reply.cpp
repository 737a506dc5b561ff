#include "stages/reply.hpp"

#include <rte_mbuf.h>

#include <cstring>

#include "dpdk/frame_note.hpp"
#include "dpdk/offloads.hpp"
#include "stages/frame_stream.hpp"
#include "stages/output.hpp"
#include "wire/frame.hpp"

namespace pfs {

Replies::Replies(Stage& stage, std::span<const Port> ports) : stage_(stage), ports_(ports) {}

bool Replies::send(const ReplyPath& to, const Reply& reply) noexcept {
  stage_.stats.built.add(1);
  const Port* from = port(to);
  if (from == nullptr || !stage_.frames_out->leads_to(to.port)) {
    stage_.stats.drop(Drop::kNoPath);
    return false;
  }
  rte_mbuf* frame = build(*from, to.encapsulation, reply);
  if (frame == nullptr) return false;
  void* item = frame;
  if (stage_.frames_out->send_by(to.port, reply.stream, &item, 1) == 1) return true;
  stage_.stats.drop(Drop::kQueueFull);
  rte_pktmbuf_free(frame);
  return false;
}

rte_mbuf* Replies::build(const Port& port, const EncapsulationBuffer& to, const Reply& reply) noexcept {
  rte_mbuf* frame = rte_pktmbuf_alloc(port.pool);
  if (frame == nullptr) {
    stage_.stats.drop(Drop::kNoMemory);
    return nullptr;
  }
  note_of(*frame) = {};
  const uint32_t bytes = to.length + kFrameHeaderBytes + static_cast<uint32_t>(reply.unit.size());
  auto* at = reinterpret_cast<uint8_t*>(rte_pktmbuf_append(frame, static_cast<uint16_t>(bytes)));
  if (at == nullptr) {
    rte_pktmbuf_free(frame);
    stage_.stats.drop(Drop::kTooLong);
    return nullptr;
  }
  std::memcpy(at, to.bytes.data(), to.length);
  // The request may have come to a broadcast address; the answer comes from us.
  std::memcpy(at + port.mac.size(), port.mac.data(), port.mac.size());
  write_frame(at + to.length, {.stream = reply.stream,
                               .seq = reply.seq,
                               .gram = reply.gram,
                               .length = static_cast<uint16_t>(reply.unit.size())});
  std::memcpy(at + to.length + kFrameHeaderBytes, reply.unit.data(), reply.unit.size());
  finish_frame(*frame, to.length, port);
  return frame;
}

std::span<const uint8_t> headers_of(const rte_mbuf& frame) noexcept {
  const auto* payload = rte_pktmbuf_mtod(&frame, const uint8_t*);
  return {payload - cut_off(frame), cut_off(frame)};
}

}  // namespace pfs
