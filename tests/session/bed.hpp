#pragma once

#include <functional>
#include <map>
#include <memory>

#include "node.hpp"

namespace pfs::session {

/// Nodes on one network of constant delay, in virtual time.
class Bed {
 public:
  static constexpr Time kDelay = 100 * transport::kMicrosecond;

  Node& add(const EndpointConfig& config, uint32_t payload = 1500) {
    nodes_.push_back(std::make_unique<Node>(static_cast<uint8_t>(nodes_.size()), config, payload));
    return *nodes_.back();
  }
  Node& operator[](size_t index) { return *nodes_[index]; }
  /// Another life of the process with this number.
  Node& restart(size_t index, const EndpointConfig& config) {
    nodes_[index] = std::make_unique<Node>(static_cast<uint8_t>(index), config, nodes_[index]->payload);
    return *nodes_[index];
  }

  /// Lets time pass; stops early when `until` holds.
  bool run(
      Time span, const std::function<bool()>& until = [] { return false; }) {
    const Time end = now + span;
    while (true) {
      pump();
      if (until()) return true;
      Time next = way_.empty() ? transport::kNever : way_.begin()->first;
      for (const auto& node : nodes_) next = std::min(next, node->endpoint.next_event(now));
      if (next > end) break;
      now = std::max(next, now + (next <= now ? transport::kMicrosecond : 0));
    }
    now = end;
    return until();
  }

  /// Puts a packet on its way.
  void send(const Packet& packet) { way_.emplace(now + kDelay, packet); }

  Time now = transport::kSecond;
  /// What becomes of a packet on its way: false if it is lost. May change it.
  std::function<bool(uint8_t from, Packet&)> on_way = [](uint8_t, Packet&) { return true; };
  uint64_t sent = 0;
  std::array<uint64_t, 16> bytes_from{}, frames_from{};

 private:
  void pump() {
    while (!way_.empty() && way_.begin()->first <= now) {
      const Packet packet = std::move(way_.begin()->second);
      way_.erase(way_.begin());
      const uint8_t node = packet.headers.bytes[4], port = packet.headers.bytes[5];
      if (packet.headers.bytes[0] == 0xFF) {
        for (auto& other : nodes_)
          if (other->number != packet.headers.bytes[10])
            other->take(addressed(packet, *other), packet.headers.bytes[11], now);
      } else if (node < nodes_.size()) {
        nodes_[node]->take(packet, port, now);
      }
    }
    for (auto& node : nodes_)
      for (Node::Leaving& leaving : node->leaving(now)) {
        ++sent;
        ++frames_from[node->number];
        bytes_from[node->number] += leaving.packet.payload.size();
        if (on_way(node->number, leaving.packet)) send(leaving.packet);
      }
  }

  /// A frame to everybody is answered by the one who gets it, not by everybody.
  static Packet addressed(Packet packet, const Node& node) {
    const MacAddress mac = mac_of(node.number, packet.headers.bytes[11]);
    std::copy(mac.begin(), mac.end(), packet.headers.bytes.begin());
    return packet;
  }

  std::vector<std::unique_ptr<Node>> nodes_;
  std::multimap<Time, Packet> way_;
};

}  // namespace pfs::session
