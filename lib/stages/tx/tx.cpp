#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "config/reader.hpp"
#include "dpdk/offloads.hpp"
#include "stages/output.hpp"
#include "stages/reply.hpp"
#include "stages/stage.hpp"

namespace pfs {
namespace {

constexpr uint32_t kQueue = 2048;           // frames waiting for the device; two of the largest bursts of built frames
constexpr uint32_t kShareOfPool = 4;        // of a port's mbufs; those that wait to leave may be one in so many
constexpr uint64_t kUnhurriedSeconds = 10;  // for a peer that waits for its disk
constexpr uint32_t kTagBytes = 4;           // an 802.1Q tag may stand in front

struct TxPlan final : StagePlan {
  uint64_t wait_us = 100000;
  bool swap_macs = false;
  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override;
};

/// Sends frames by one TX queue. What the device does not take at once waits here, in order.
/// Takes: built frames whole, and received frames (their headers are put back in front, turned round with
/// `swap_macs`). Gives: nothing. Owns: up to kQueue waiting frames. Drops: too_long, tx_full (the device took nothing
/// for wait_us), stopped. Thread: its lcore.
class Tx final : public Stage {
 public:
  Tx(const StageEnv& env, const TxPlan& plan)
      : port_(*env.port),
        control_(*env.control),
        relief_(*env.relief),
        place_(env.place),
        queue_id_(plan.tx_queue),
        gate_user_(size_t{env.port->rx_queues} + plan.tx_queue),
        burst_(env.port->driver.burst),
        invited_(std::min(kQueue, env.port->driver.mbufs / (kShareOfPool * env.port->tx_queues))),
        swap_macs_(plan.swap_macs),
        longest_(env.port->mtu + kEthernetHeaderBytes + kTagBytes),
        patience_(env.ticks_per_second / 1000000 * plan.wait_us),
        unhurried_(std::max(patience_, env.ticks_per_second * kUnhurriedSeconds)) {
    polls_new_items = false;
  }

  void take(void** items, uint32_t count) noexcept override {
    auto** frames = reinterpret_cast<rte_mbuf**>(items);
    for (uint32_t i = 0; i < count; ++i) {
      if (frames[i]->port != RTE_MBUF_PORT_INVALID) restore_headers(*frames[i]);
      if (frames[i]->pkt_len > longest_) {
        discard(Drop::kTooLong, frames + i, 1);
        continue;
      }
      if (waiting_ == kQueue) wait_for_room();
      queue_[waiting_++] = frames[i];
    }
    if (waiting_ >= burst_) flush();
  }

  /// A device that takes nothing holds its producers up for a while, but neither the end of the run nor, where the
  /// device waits for this very process, the run itself.
  uint32_t poll(uint64_t now) noexcept override { return push(now, control_.ending() ? patience_ : unhurried_); }

  /// Sources that have sent everything leave time for a peer that is busy; a run that was ended does not.
  bool drain(uint64_t now) noexcept override {
    push(now, control_.ending() ? patience_ : unhurried_);
    return waiting_ == 0;
  }

  [[nodiscard]] uint32_t room() const noexcept override { return waiting_ < invited_ ? invited_ - waiting_ : 0; }
  [[nodiscard]] uint64_t frames_in_flight() const noexcept override { return waiting_seen_.get(); }

 private:
  uint32_t flush() noexcept {
    const PortUse use(port_.gate.get(), gate_user_);
    if (!use.granted()) return 0;
    uint32_t sent = 0;
    uint64_t forwarded = 0;
    while (sent < waiting_) {
      const auto batch = static_cast<uint16_t>(std::min<uint32_t>(waiting_ - sent, burst_));
      for (uint32_t i = 0; i < batch; ++i) forwarded += queue_[sent + i]->port != RTE_MBUF_PORT_INVALID;
      const uint16_t taken = rte_eth_tx_burst(port_.id, queue_id_, queue_.data() + sent, batch);
      // What was not taken still lies in the queue, so its kind can be told from the frames themselves.
      for (uint32_t i = taken; i < batch; ++i) forwarded -= queue_[sent + i]->port != RTE_MBUF_PORT_INVALID;
      sent += taken;
      if (taken < batch) break;
    }
    if (sent != 0) {
      std::copy(queue_.begin() + sent, queue_.begin() + waiting_, queue_.begin());
      waiting_ -= sent;
      stats.processed.add(forwarded);
      stats.transmitted.add(sent - forwarded);
    }
    waiting_seen_.set(waiting_);
    return sent;
  }

  /// The device has gone and the run waits for it: that is no refusal.
  [[nodiscard]] bool device_is_away() const noexcept {
    return port_.gate != nullptr && port_.gate->closed() && !control_.ending();
  }

  /// Hands the device what waits for it. Frames that it has refused for longer than `patience` ticks are dropped, and
  /// so are all of them once the run is abandoned. Returns how many left, either way. `now`: TSC.
  uint32_t push(uint64_t now, uint64_t patience) noexcept {
    if (waiting_ == 0) return 0;
    if (const uint32_t sent = flush(); sent != 0) {
      refused_since_ = 0;
      return sent;
    }
    if (refused_since_ == 0 || device_is_away()) refused_since_ = now;
    // The wait for room reads the clock itself, so that `now` may be the earlier of the two.
    const uint64_t refused = now > refused_since_ ? now - refused_since_ : 0;
    if (refused <= patience && !control_.abandoned()) return 0;
    const uint32_t dropped = waiting_;
    discard(control_.abandoned() ? Drop::kStopped : Drop::kTxFull, queue_.data(), dropped);
    waiting_ = 0;
    waiting_seen_.set(0);
    refused_since_ = 0;
    return dropped;
  }

  /// The queue is full: the device has until `patience_` to take something out of it, or everything in it is dropped.
  void wait_for_room() noexcept {
    refused_since_ = 0;
    while (push(rte_rdtsc(), patience_) == 0 && relief_.relieve(place_)) {
    }
    if (waiting_ == kQueue) push(rte_rdtsc(), patience_);  // the run is abandoned, and so is the queue
  }

  void restore_headers(rte_mbuf& frame) const noexcept {
    if (!swap_macs_) {
      rte_pktmbuf_prepend(&frame, frame.l2_len);
      return;
    }
    // Turned headers are shorter than the ones that rx cut off where the sender's IP header has options.
    EncapsulationBuffer turned;
    reverse_encapsulation(headers_of(frame), turned);
    auto* headers = reinterpret_cast<uint8_t*>(rte_pktmbuf_prepend(&frame, turned.length));
    if (headers == nullptr) return;
    std::memcpy(headers, turned.bytes.data(), turned.length);
    std::memcpy(headers + port_.mac.size(), port_.mac.data(), port_.mac.size());
    finish_frame(frame, turned.length, port_);
  }

  void discard(Drop reason, rte_mbuf** frames, uint32_t count) noexcept {
    stats.drop(reason, count);
    rte_pktmbuf_free_bulk(frames, count);
  }

  const Port& port_;
  RunControl& control_;
  Relief& relief_;
  size_t place_;
  uint16_t queue_id_;
  size_t gate_user_;
  uint32_t burst_;
  uint32_t invited_;  // frames that room() lets producers have waiting here
  bool swap_macs_;
  uint32_t longest_;
  uint64_t patience_;
  uint64_t unhurried_;
  uint64_t refused_since_ = 0;  // TSC; 0 while the device takes frames
  uint32_t waiting_ = 0;
  Counter waiting_seen_;
  std::array<rte_mbuf*, kQueue> queue_{};
};

Result<std::unique_ptr<Stage>> TxPlan::create(const StageEnv& env) { return std::make_unique<Tx>(env, *this); }

Result<std::unique_ptr<StagePlan>> parse(const StageConfig& config) {
  auto plan = std::make_unique<TxPlan>();
  Reader reader(&config.node, "stage '" + config.name + "'");
  plan->port = reader.required_text("port");
  plan->transmits = true;
  plan->wait_us = reader.number("wait_us", plan->wait_us, 0, 60000000);
  plan->swap_macs = reader.flag("swap_macs", plan->swap_macs);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return plan;
}

const RegisterStage kRegistered(
    {.name = "tx", .takes = {Item::kFrame}, .gives = {}, .takes_any_frame = true, .parse = parse});

}  // namespace
}  // namespace pfs
