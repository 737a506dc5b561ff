#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/counter.hpp"
#include "config/pipeline.hpp"
#include "stages/relief.hpp"
#include "stages/stage.hpp"

struct rte_ring;

namespace pfs {

/// Cycles spent in nested calls on one lcore, so that each stage's own can be told apart.
struct CycleMeter {
  uint64_t nested = 0;
};

/// One edge: a plain call where both stages share an lcore, an SP/SC ring where they do not.
class Edge {
 public:
  Edge(std::string label, Stage& consumer, Item item, EdgeConfig::Full full)
      : label_(std::move(label)), consumer_(consumer), item_(item), full_(full) {}
  ~Edge();
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  void connect_directly(CycleMeter& meter) noexcept { meter_ = &meter; }
  /// `relief`: the producer's lcore; `producer`: its stage's place in the graph's order.
  Result<void> connect_by_ring(uint32_t slots, int socket, Relief& relief, size_t producer);

  /// Producer's side. Takes ownership of the first n returned; the caller deals with the rest (`full: drop`).
  /// With `full: hold` it waits for room, and returns less than count only when the run is abandoned.
  uint32_t send(void** items, uint32_t count) noexcept;
  [[nodiscard]] uint32_t room() const noexcept;

  /// Consumer's side: one burst through the ring into the consumer; items moved. A direct edge has none. `now`: as
  /// booked() has it.
  uint32_t receive(CycleMeter& meter, uint64_t& now) noexcept;
  [[nodiscard]] bool empty() const noexcept;
  [[nodiscard]] bool direct() const noexcept { return ring_ == nullptr; }

  /// Takes everything left out of the ring and frees it, counting it on the consumer. After all lcores have stopped.
  void abandon() noexcept;

  [[nodiscard]] uint64_t frames_in_flight() const noexcept { return frames_in_.get() - frames_out_.get(); }
  /// Of the stage behind the edge; nothing is in the ring and nothing in that stage.
  [[nodiscard]] uint32_t frame_budget() const noexcept { return consumer_.frame_budget(); }
  [[nodiscard]] bool delivers() const noexcept { return consumer_.delivers(); }
  [[nodiscard]] uint32_t epoch() const noexcept { return consumer_.epoch(); }
  [[nodiscard]] bool settled() const noexcept { return frames_in_flight() == 0 && consumer_.frames_in_flight() == 0; }
  [[nodiscard]] const std::string& label() const noexcept { return label_; }
  [[nodiscard]] Item item() const noexcept { return item_; }

  /// The port, by its DPDK number, whose tx stages the edge's frames come to in the end; none for other edges.
  void lead_to(uint16_t port) noexcept { port_ = port; }
  [[nodiscard]] std::optional<uint16_t> port() const noexcept { return port_; }

 private:
  [[nodiscard]] uint64_t frames(void** items, uint32_t count) const noexcept;

  std::string label_;
  Stage& consumer_;
  Item item_;
  EdgeConfig::Full full_;
  std::optional<uint16_t> port_;
  rte_ring* ring_ = nullptr;
  Relief* relief_ = nullptr;
  size_t producer_ = 0;
  CycleMeter* meter_ = nullptr;
  // Each lcore writes a line of its own.
  alignas(64) Counter frames_in_;   // the producer's
  alignas(64) Counter frames_out_;  // the consumer's
};

/// A stage's outgoing edges of one item kind.
class Output {
 public:
  void add(Edge& edge);
  void spread_in_turn() noexcept { in_turn_ = true; }
  [[nodiscard]] uint32_t width() const noexcept { return static_cast<uint32_t>(edges_.size()); }

  /// Items of one stream, to one edge: the stream's own, or the next in turn where the edge says `spread: turn`.
  /// Returns the items accepted (see Edge::send).
  uint32_t send(uint16_t stream, void** items, uint32_t count) noexcept {
    return pick(edges_, stream).send(items, count);
  }
  /// The same, among the edges that lead to `port` only; there must be one.
  uint32_t send_by(uint16_t port, uint16_t stream, void** items, uint32_t count) noexcept {
    return pick(by_port_[port], stream).send(items, count);
  }
  [[nodiscard]] bool leads_to(uint16_t port) const noexcept {
    return port < by_port_.size() && !by_port_[port].empty();
  }

  /// Bytes of payload that frames given to any of the edges may have (Stage::frame_budget).
  [[nodiscard]] uint32_t frame_budget() const noexcept;
  /// Whatever is given to any of the edges arrives, or its session ends (Stage::delivers).
  [[nodiscard]] bool delivers() const noexcept;
  /// Of the stages behind all edges together (Stage::epoch).
  [[nodiscard]] uint32_t epoch() const noexcept;
  /// What was sent has left the stages behind the edges. Behind a session, that means: it has arrived.
  [[nodiscard]] bool settled() const noexcept;

  /// Room of the fullest edge.
  [[nodiscard]] uint32_t room() const noexcept;
  /// Room of the fullest edge that is not full; 0 if all are.
  [[nodiscard]] uint32_t open_room() const noexcept;
  /// Room of the fullest edge that leads to `port`; 0 where none does.
  [[nodiscard]] uint32_t room_by(uint16_t port) const noexcept;

 private:
  Edge& pick(const std::vector<Edge*>& edges, uint16_t stream) noexcept {
    const auto width = static_cast<uint32_t>(edges.size());
    return *edges[width == 1 ? 0 : (in_turn_ ? turn_++ : stream) % width];
  }

  std::vector<Edge*> edges_;
  std::vector<std::vector<Edge*>> by_port_;  // index: a port's DPDK number
  bool in_turn_ = false;
  uint32_t turn_ = 0;
};

}  // namespace pfs
