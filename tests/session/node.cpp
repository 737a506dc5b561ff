#include "node.hpp"

#include <algorithm>

#include "base/endian.hpp"
#include "wire/sending/writer.hpp"

namespace pfs::session {
namespace {

constexpr uint32_t kHead = kFrameHeaderBytes + kCarryUnitBytes;
constexpr uint32_t kContent = kHead + 3;  // behind LITERAL's tag and length: boot, then the frame's number
constexpr uint32_t kLeastFrame = kContent + 12;

/// What the rest of a frame is filled with: by its sender, its stream and its number there.
uint8_t filling(const uint8_t* frame) {
  const auto stream = load_be<uint16_t>(frame + 2);
  return static_cast<uint8_t>(frame[kContent + 7] + 31 * stream + 7 * load_be<uint32_t>(frame + kContent + 8));
}

}  // namespace

MacAddress mac_of(uint8_t node, uint8_t port) { return {2, 0, 0, 0, node, port}; }

ReplyPath way_to(uint8_t node, uint8_t port, uint8_t from_node, uint8_t from_port) {
  return {.port = from_port, .encapsulation = ethernet_encapsulation(mac_of(node, port), mac_of(from_node, from_port))};
}

Terms some_terms() {
  Terms terms;
  terms.root.fill(7);
  terms.layout.size = 64 << 20;
  terms.streams = 4;
  return terms;
}

EndpointConfig small_config(uint64_t boot) {
  EndpointConfig config;
  config.boot = boot;
  config.secret.fill(static_cast<uint8_t>(boot));
  config.terms = some_terms();
  config.sessions = 4;
  config.half_open = 2;
  config.paths = 2;
  config.sender = {.streams = 4, .stream_frames = 256, .frames = 512};
  config.receiver.streams = 4;
  config.receiver.stream_frames = 256;
  config.receiver.held = 256;
  return config;
}

Node::Node(uint8_t node, const EndpointConfig& config, uint32_t most)
    : number(node), payload(most), endpoint(config, *this) {}

Node::~Node() = default;

PathConfig Node::path_to(uint8_t node, uint8_t port) const {
  return {.to = way_to(node, port, number, port), .payload = payload, .timing = {}};
}

SessionId Node::dial(uint8_t node, Time now, uint8_t ports) {
  std::vector<PathConfig> paths;
  for (uint8_t port = 0; port < ports; ++port) paths.push_back(path_to(node, port));
  return endpoint.dial(paths, now);
}

bool Node::submit(SessionId session, uint16_t stream, uint32_t bytes, uint64_t denoted, bool beyond) {
  if (endpoint.room(session, stream) == 0) return false;
  const uint32_t most = endpoint.payload(session);
  if (bytes == 0 || (bytes > most && !beyond)) bytes = most;
  std::vector<uint8_t> frame(std::max(bytes, kLeastFrame));
  const auto length = static_cast<uint16_t>(frame.size() - kFrameHeaderBytes);
  write_frame(frame.data(), {.stream = stream, .length = length});
  frame[kHead] = static_cast<uint8_t>(Tag::kLiteral);
  store_be(frame.data() + kHead + 1, static_cast<uint16_t>(frame.size() - kContent));
  store_be(frame.data() + kContent, uint64_t{number});
  store_be(frame.data() + kContent + 8, next_out_[{session, stream}]++);
  std::fill(frame.begin() + kLeastFrame, frame.end(), filling(frame.data()));
  const auto size = static_cast<uint32_t>(frame.size());
  waiting_.emplace(++token_, std::move(frame));
  ++submitted;
  endpoint.submit(session, stream, token_, size, denoted);
  return true;
}

std::vector<Node::Leaving> Node::leaving(Time now, uint32_t most) {
  std::vector<Leaving> all;
  Outgoing out;
  while (endpoint.next(now, out)) {
    if (all.size() == most) {
      broken = "an endpoint does not stop sending";
      break;
    }
    Leaving leaving{.port = static_cast<uint8_t>(out.to->port), .control = out.control};
    leaving.packet.headers = out.to->encapsulation;
    if (out.control) {
      leaving.packet.payload.assign(out.payload.begin(), out.payload.end());
    } else {
      const auto frame = waiting_.find(out.token);
      if (frame == waiting_.end()) {
        broken = "a frame leaves that was given back";
        break;
      }
      store_be(frame->second.data() + 4, out.seq);
      seal_carried(frame->second, out.carry);
      leaving.packet.payload = frame->second;
    }
    all.push_back(std::move(leaving));
  }
  return all;
}

Arrival Node::take(const Packet& packet, uint8_t port, Time now) {
  if (!is_carried(packet.payload)) return {};
  ReplyPath from{.port = port, .encapsulation = {}};
  reverse_encapsulation(std::span(packet.headers.bytes).first(packet.headers.length), from.encapsulation);
  const uint64_t token = ++token_;
  held_.emplace(token, packet.payload);
  ++taken;
  const Arrival arrival = endpoint.on_frame(packet.payload, from, payload, token, now);
  if (arrival.what == Arrival::What::kHold) return arrival;
  if (arrival.what == Arrival::What::kDeliver) {
    deliver(arrival.session, arrival.stream, packet.payload);
    ++handed_on;
    take_held(arrival.session, arrival.stream);
  } else {
    --taken;
  }
  held_.erase(token);
  return arrival;
}

void Node::take_held(SessionId session, uint16_t stream) {
  while (const auto held = endpoint.next_held(session, stream)) {
    const auto frame = held_.find(*held);
    if (frame == held_.end()) {
      broken = "a frame is delivered that is not here";
      return;
    }
    deliver(session, stream, frame->second);
    ++handed_on;
    held_.erase(frame);
  }
}

void Node::hold(bool held_back) {
  for (const SessionId session : endpoint.all()) {
    endpoint.hold(session, held_back);
    for (uint16_t stream = 0; !held_back && stream < 4; ++stream) take_held(session, stream);
  }
}

void Node::deliver(SessionId session, uint16_t stream, const std::vector<uint8_t>& frame) {
  const uint32_t announced = kFrameHeaderBytes + load_be<uint16_t>(frame.data() + 14);
  if (announced < kLeastFrame) {
    broken = "a frame came with other content";
    return;
  }
  const auto count = load_be<uint32_t>(frame.data() + kContent + 8);
  const uint8_t filled = filling(frame.data());
  const auto rest = std::span(frame).first(announced).subspan(kLeastFrame);
  if (std::ranges::any_of(rest, [&](uint8_t byte) { return byte != filled; }))
    broken = "a frame came with other content";
  if (count != next_in_[{session, stream}]++) broken = "a frame was delivered out of order, or twice";
  if (on_frame) on_frame(session, stream, frame);
}

void Node::on_done(uint64_t token, bool has_arrived) noexcept {
  if (waiting_.erase(token) != 1) broken = "a submitted frame came back twice";
  ++(has_arrived ? arrived : given_up);
}

void Node::on_released(uint64_t token) noexcept {
  if (held_.erase(token) != 1) broken = "a held frame came back twice";
  ++released;
}

uint32_t Node::delivered(SessionId session, uint16_t stream) const {
  const auto found = next_in_.find({session, stream});
  return found == next_in_.end() ? 0 : found->second;
}

}  // namespace pfs::session
