#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "session/endpoint.hpp"

namespace pfs::session {

/// A payload with the headers that it travels behind.
struct Packet {
  EncapsulationBuffer headers;
  std::vector<uint8_t> payload;
};

/// The address of a node's port: every node of a test knows the others'.
MacAddress mac_of(uint8_t node, uint8_t port);
ReplyPath way_to(uint8_t node, uint8_t port, uint8_t from_node, uint8_t from_port);

/// Terms of a small blob, the same for all nodes of a test.
Terms some_terms();
/// A small endpoint's configuration.
EndpointConfig small_config(uint64_t boot);

/// One process: an endpoint, the frames that wait in it, and a record of what the endpoint said.
class Node final : public EndpointSink {
 public:
  Node(uint8_t number, const EndpointConfig& config, uint32_t payload = 1500);
  ~Node() override;

  /// Dials by the ports of both nodes that have the same numbers, from 0.
  SessionId dial(uint8_t node, Time now, uint8_t ports = 1);
  PathConfig path_to(uint8_t node, uint8_t port) const;
  /// Submits a frame that says its number in the stream, as long as the endpoint takes one. False if it does not.
  /// `beyond`: the frame may be longer than new ones should be.
  bool submit(SessionId session, uint16_t stream, uint32_t bytes = 0, uint64_t denoted = 1000, bool beyond = false);
  /// Holds all sessions back, or lets them go on and takes what was held.
  void hold(bool held_back);
  /// Gives the endpoint a packet that came by this port.
  Arrival take(const Packet& packet, uint8_t port, Time now);
  /// Everything that leaves now; the ports it leaves by are its paths' own.
  struct Leaving {
    uint8_t port = 0;
    Packet packet;
    bool control = false;
  };
  std::vector<Leaving> leaving(Time now, uint32_t most = 10'000);

  void on_done(uint64_t token, bool arrived) noexcept override;
  void on_released(uint64_t token) noexcept override;
  void on_open(SessionId session) noexcept override { opened.push_back(session); }
  void on_away(SessionId session, bool away) noexcept override { away_.emplace_back(session, away); }
  void on_closed(SessionId session, const Ending& why) noexcept override { closed.emplace_back(session, why); }

  /// Frames of the stream that came in order, as this end counts them.
  uint32_t delivered(SessionId session, uint16_t stream) const;

  uint8_t number;
  uint32_t payload;
  std::vector<SessionId> opened;
  std::vector<std::pair<SessionId, bool>> away_;
  std::vector<std::pair<SessionId, Ending>> closed;
  uint64_t submitted = 0, arrived = 0, given_up = 0;
  uint64_t taken = 0, handed_on = 0, released = 0;  ///< frames that on_frame() kept or delivered
  std::string broken;                               ///< what must not happen, if it has
  /// Called for every frame that is delivered, in its order.
  std::function<void(SessionId, uint16_t stream, const std::vector<uint8_t>&)> on_frame;
  Endpoint endpoint;

 private:
  void take_held(SessionId session, uint16_t stream);
  void deliver(SessionId session, uint16_t stream, const std::vector<uint8_t>& frame);

  std::unordered_map<uint64_t, std::vector<uint8_t>> waiting_;  // submitted, by token
  std::unordered_map<uint64_t, std::vector<uint8_t>> held_;     // that on_frame() kept
  std::map<std::pair<SessionId, uint16_t>, uint32_t> next_out_, next_in_;
  uint64_t token_ = 0;
};

}  // namespace pfs::session
