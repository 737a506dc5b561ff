#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>

#include "config/reader.hpp"
#include "stages/frame_stream.hpp"
#include "stages/output.hpp"
#include "stages/stage.hpp"
#include "wire/addresses/too_big.hpp"
#include "wire/ethernet.hpp"
#include "wire/frame.hpp"

namespace pfs {
namespace {

constexpr uint32_t kBurstMax = 256;     // mbufs; what a driver profile may ask for at most
constexpr uint32_t kPrefetchAhead = 3;  // frames (bench/README.md, what was tried)

/// The device has looked at the checksums of a datagram, and one is wrong. Where it cannot look, it says nothing.
bool has_bad_checksum(const rte_mbuf& frame) noexcept {
  return (frame.ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) == RTE_MBUF_F_RX_IP_CKSUM_BAD ||
         (frame.ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_BAD;
}

/// Receives bursts from one RX queue, finds the PacketFS payload in each frame and cuts off what stands before it.
/// Takes: nothing. Gives: frames whose data is the payload and whose l2_len is the bytes cut off; with `neighbours`,
/// frames that concern addresses as well, whole, with an l2_len of 0; several outputs share them by stream. Owns:
/// nothing between polls. Drops: not_packetfs, bad_checksum (says the device), too_long (chained mbufs that fit no
/// single one), queue_full. Thread: the lcore that polls the queue.
class Rx final : public Stage {
 public:
  Rx(const StageEnv& env, const StagePlan& plan)
      : port_(*env.port),
        control_(*env.control),
        queue_(static_cast<uint16_t>(plan.rx_queue)),
        any_(plan.gives_any_frame),
        neighbours_(plan.gives_address_frames),
        burst_(static_cast<uint16_t>(std::min<uint32_t>(env.port->driver.burst, kBurstMax))),
        bare_stream_(env.port->config.bare ? env.port->config.bare->stream : uint16_t{0}) {}

  void take(void**, uint32_t) noexcept override {}

  uint32_t poll(uint64_t) noexcept override {
    if (control_.ending()) return 0;
    const auto wanted = static_cast<uint16_t>(std::min<uint32_t>(burst_, room()));
    rte_mbuf* burst[kBurstMax];
    const uint16_t count = wanted == 0 ? uint16_t{0} : receive(burst, wanted);
    if (count == 0) return 0;
    stats.received.add(count);
    uint64_t bytes = 0;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; ++i) {
      if (i + kPrefetchAhead < count) rte_prefetch0(rte_pktmbuf_mtod(burst[i + kPrefetchAhead], void*));
      bytes += burst[i]->pkt_len;
      const Drop fault = uncover(*burst[i]);
      if (fault == Drop::kNone) {
        burst[kept++] = burst[i];
      } else {
        stats.drop(fault);
        rte_pktmbuf_free(burst[i]);
      }
    }
    wire_bytes_.add(bytes);
    forward(burst, kept);
    return count;
  }

  bool drain(uint64_t) noexcept override { return true; }
  [[nodiscard]] StageFigures figures() const override {
    return {{"wire_bytes", Figure::Unit::kBytes, wire_bytes_, Figure::Role::kWireBytes}};
  }
  [[nodiscard]] bool exhausted() const noexcept override { return control_.ending(); }

 private:
  uint16_t receive(rte_mbuf** burst, uint16_t wanted) const noexcept {
    const PortUse use(port_.gate.get(), queue_);
    return use.granted() ? rte_eth_rx_burst(port_.id, queue_, burst, wanted) : uint16_t{0};
  }

  /// Leaves the payload as the mbuf's data.
  [[nodiscard]] Drop uncover(rte_mbuf& frame) const noexcept {
    frame.port = port_.id;  // net_ring hands frames on as they were built, without one
    if (frame.nb_segs > 1 && rte_pktmbuf_linearize(&frame) != 0) return Drop::kTooLong;
    frame.l2_len = 0;
    if (any_) return Drop::kNone;
    const auto* data = rte_pktmbuf_mtod(&frame, const uint8_t*);
    const uint32_t bytes = frame.data_len;
    Located located;
    if (bytes > kEthernetHeaderBytes && load_be<uint16_t>(data + 12) == kEtherType) {
      located = {.offset = kEthernetHeaderBytes, .bytes = bytes - kEthernetHeaderBytes};
    } else if (const auto found = locate_payload({data, bytes})) {
      located = *found;
    } else {
      return neighbours_ && concerns_addresses({data, bytes}) ? Drop::kNone : Drop::kNotPacketfs;
    }
    if (has_bad_checksum(frame)) return Drop::kBadChecksum;
    frame.l2_len = located.offset & 127;  // the longest headers take 86 bytes, and the field holds 127
    frame.data_off = static_cast<uint16_t>(frame.data_off + located.offset);
    frame.data_len = static_cast<uint16_t>(located.bytes);
    frame.pkt_len = located.bytes;
    return Drop::kNone;
  }

  void forward(rte_mbuf** burst, uint32_t count) noexcept {
    if (count == 0) return;
    if (any_ || frames_out->width() == 1) return send(0, burst, count);  // the streams of other frames are not known
    // Runs of one stream go on together: a burst usually holds few streams.
    for (uint32_t start = 0; start < count;) {
      const uint16_t stream = stream_of(*burst[start], bare_stream_);
      uint32_t end = start + 1;
      while (end < count && stream_of(*burst[end], bare_stream_) == stream) ++end;
      send(stream, burst + start, end - start);
      start = end;
    }
  }

  void send(uint16_t stream, rte_mbuf** burst, uint32_t count) noexcept {
    const uint32_t sent = frames_out->send(stream, reinterpret_cast<void**>(burst), count);
    if (sent == count) return;
    stats.drop(Drop::kQueueFull, count - sent);
    rte_pktmbuf_free_bulk(burst + sent, count - sent);
  }

  Port& port_;
  RunControl& control_;
  uint16_t queue_;
  bool any_;         // frames go on whole, whatever they are
  bool neighbours_;  // and so do those that concern addresses
  uint16_t burst_;
  uint16_t bare_stream_;
  Counter wire_bytes_;  // Ethernet frames without FCS
};

struct RxPlan final : StagePlan {
  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override { return std::make_unique<Rx>(env, *this); }
};

Result<std::unique_ptr<StagePlan>> parse(const StageConfig& config) {
  auto plan = std::make_unique<RxPlan>();
  Reader reader(&config.node, "stage '" + config.name + "'");
  plan->port = reader.required_text("port");
  plan->rx_queue = static_cast<int>(reader.number("queue", 0, 0, 1023));
  plan->gives_any_frame = reader.flag("any", false);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return plan;
}

const RegisterStage kRegistered({.name = "rx", .takes = {}, .gives = {Item::kFrame}, .parse = parse});

}  // namespace
}  // namespace pfs
