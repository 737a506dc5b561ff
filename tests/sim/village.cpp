#include "village.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <queue>

#include "base/endian.hpp"
#include "hostile.hpp"
#include "node.hpp"

namespace pfs::sim {
namespace {

using session::Node;
using session::Packet;
using session::SessionId;
using session::State;
using transport::kMicrosecond;
using transport::kMillisecond;
using transport::kNever;
using transport::kSecond;

constexpr uint64_t kLife = 1000;          // a boot id is a life's number times this, and the node's
constexpr Time kPatience = 90 * kSecond;  // of virtual time after the faults have ended
constexpr Time kRedial = 100 * kMillisecond;
constexpr Time kUsualDelay = 10 * kMicrosecond;
constexpr uint64_t kMostFrames = 4'000'000;  // that all nodes together may send

/// A way with its faults, in virtual time. Its dice hang on the village's seed and on its own name alone.
class Wire {
 public:
  Wire(const Way& way, uint64_t seed)
      : dice_(with_seed(way.dice, splitmix_mix(seed ^ (way.from << 16 | way.to << 8 | way.port)))), line_(way.line) {}

  /// The times at which the packet comes out, damaged perhaps: none if it is lost, two if it is doubled.
  std::vector<Time> carry(Time now, std::vector<uint8_t>& payload, bool faults) {
    const Fate fate = dice_.roll();
    if (faults && (line_.black(now) || fate.lost)) return {};
    const auto bytes = static_cast<uint32_t>(payload.size() + 38);
    const auto out = line_.immediate() ? std::optional<Time>(now) : line_.enter(now, bytes, faults ? fate.jitter : 0);
    if (!out) return {};
    if (faults && fate.corrupted) payload[fate.bit / 8 % payload.size()] ^= static_cast<uint8_t>(1 << fate.bit % 8);
    if (faults && fate.trimmed && payload.size() > 64) payload.resize(64);
    const Time late = faults && fate.delayed ? fate.overtakers * 20 * kMicrosecond : 0;
    std::vector<Time> times = {*out + late};
    if (faults && fate.doubled) times.push_back(*out + late + 1);
    return times;
  }

 private:
  static DiceConfig with_seed(DiceConfig dice, uint64_t seed) {
    dice.seed = seed;
    return dice;
  }
  Dice dice_;
  Line line_;
};

/// A node's own account of one of its transfers.
struct Progress {
  SessionId session = session::kNoSession;
  Time dial_at = 0;
  std::vector<uint32_t> next;   ///< by stream: the frame that is submitted next in this session
  uint64_t arrived_before = 0;  ///< of the node's frames, when the session began
  bool added = false;           ///< Transfer::later
  bool dropped = false;         ///< Transfer::drops
  bool leaving = false;         ///< everything has arrived, and BYE was said
  bool done = false;
};

class World {
 public:
  explicit World(const Village& village) : v_(village), random_(village.seed), lives_(village.nodes, 1) {
    for (const Way& way : v_.ways) wires_.try_emplace(name(way.from, way.to, way.port), way, v_.seed);
    for (uint32_t node = 0; node < v_.nodes; ++node) begin_life(node);
    for (const Transfer& t : v_.transfers) progress_.push_back(fresh(t));
    for (const Restart& restart : v_.restarts) {
      plan_.emplace(restart.at, std::pair(restart.node, false));
      plan_.emplace(restart.at + restart.down, std::pair(restart.node, true));
    }
    if (v_.hostile.kinds != 0) {
      stranger_.emplace(v_.hostile, static_cast<uint8_t>(v_.nodes), v_.nodes, random_());
      speaks_at_ = v_.hostile.every;
    }
  }

  News run() {
    while (news_.broken.empty()) {
      pump();
      if (news_.broken.empty() && all_done() && sessions() == 0 && plan_.empty()) break;
      const Time next = next_event();
      if (next == kNever) {
        fail("nothing is left to happen, and transfers are not complete");
        break;
      }
      now_ = std::max(next, now_ + (next <= now_ ? kMicrosecond : 0));
      if (now_ > v_.faults_end + kPatience)
        fail(all_done() ? "sessions do not end long after the faults have ended"
                        : "transfers are not complete long after the faults have ended");
    }
    for (auto& node : nodes_)
      if (node) account(*node);
    news_.took = now_;
    return news_;
  }

 private:
  static uint32_t name(uint32_t from, uint32_t to, uint32_t port) { return from << 16 | to << 8 | port; }
  void fail(const char* why) {
    if (news_.broken.empty()) news_.broken = why;
  }
  [[nodiscard]] bool faults() const { return now_ < v_.faults_end; }
  Progress fresh(const Transfer& t) const {
    Progress progress;
    progress.dial_at = std::max(t.start, now_);
    progress.next.assign(t.streams, 0);
    return progress;
  }

  void begin_life(uint32_t number) {
    session::EndpointConfig config = session::small_config(kLife * lives_[number]++ + number);
    config.sessions = v_.sessions;
    config.half_open = v_.half_open;
    config.paths = std::max(v_.ports, 2u);
    config.sender.stream_frames = config.receiver.stream_frames = v_.stream_frames;
    config.sender.frames = v_.frames;
    config.receiver.held = v_.held;
    config.receiver.bytes = v_.bytes;
    nodes_.resize(v_.nodes);
    backlog_.resize(v_.nodes);
    finished_.resize(v_.nodes);
    backlog_[number] = 0;
    finished_[number].clear();
    nodes_[number] = std::make_unique<Node>(static_cast<uint8_t>(number), config, v_.payload);
    Node* node = nodes_[number].get();
    node->on_frame = [this, node](SessionId session, uint16_t stream, const std::vector<uint8_t>& frame) {
      on_delivery(*node, session, stream, frame);
    };
  }

  void end_life(uint32_t number) {
    if (!nodes_[number]) return;
    account(*nodes_[number]);
    ++news_.restarts;
    nodes_[number].reset();
    for (size_t i = 0; i < progress_.size(); ++i)
      if (v_.transfers[i].from == number) progress_[i] = fresh(v_.transfers[i]);
  }

  /// Every token is somewhere: given back, handed on, or in the endpoint.
  void account(Node& node) {
    if (!node.broken.empty()) fail(node.broken.c_str());
    news_.sessions += node.opened.size();
    const session::EndpointCounters& c = node.endpoint.counters();
    news_.counters.corrupt += c.corrupt;
    news_.counters.trimmed += c.trimmed;
    news_.counters.away += c.away;
    news_.counters.restarted += c.restarted;
    news_.counters.retries += c.retries;
    news_.counters.hellos_ignored += c.hellos_ignored;
    news_.counters.cookies_refused += c.cookies_refused;
    news_.counters.unknown_session += c.unknown_session;
    uint64_t unacknowledged = 0, held = 0;
    for (const SessionId id : node.endpoint.all()) {
      unacknowledged += node.endpoint.unacknowledged(id);
      held += node.endpoint.receiver(id)->held();
      news_.nacked += node.endpoint.sender(id)->counters().nacked;
      news_.repairs += node.endpoint.sender(id)->counters().repairs;
    }
    if (node.submitted != node.arrived + node.given_up + unacknowledged) fail("submitted frames were lost or doubled");
    if (node.taken != node.handed_on + node.released + held) fail("frames that came were lost or doubled");
  }

  void pump() {
    while (!plan_.empty() && plan_.begin()->first <= now_) {
      const auto [number, begins] = plan_.begin()->second;
      plan_.erase(plan_.begin());
      end_life(number);
      if (begins) begin_life(number);
    }
    for (; stranger_ && speaks_at_ <= now_ && faults(); speaks_at_ += v_.hostile.every) {
      post_raw(stranger_->speak());
      ++news_.hostile;
    }
    while (!packets_.empty() && packets_.top().at <= now_) {
      const Arriving arriving = packets_.top();
      packets_.pop();
      arrive(arriving.packet);
    }
    if (v_.hold != 0 && now_ >= hold_at_) {
      held_back_ = !held_back_ && faults();
      hold_at_ = now_ + v_.hold;
      ++news_.holds;
      for (auto& node : nodes_)
        if (node) node->hold(held_back_);
    }
    for (size_t i = 0; i < progress_.size(); ++i) work(v_.transfers[i], progress_[i]);
    for (auto& node : nodes_)
      if (node) let_out(*node);
  }

  void let_out(Node& node) {
    auto& finished = finished_[node.number];
    while (!finished.empty() && finished.front() <= now_) {
      finished.pop_front();
      backlog_[node.number] -= v_.denoted;
    }
    node.endpoint.on_backlog(backlog_[node.number], 0);
    if (node.endpoint.next_event(now_) > now_) return;
    for (Node::Leaving& leaving : node.leaving(now_)) {
      if (++news_.frames > kMostFrames) return fail("nodes send without end");
      if (stranger_) stranger_->see(leaving.packet);
      post(node.number, leaving);
    }
    check(node);
  }

  void check(Node& node) {
    if (!node.broken.empty()) return fail(node.broken.c_str());
    const auto all = node.endpoint.all();
    if (all.size() > v_.sessions) fail("more sessions than there may be");
    for (const SessionId id : all) {
      if (node.endpoint.receiver(id)->held() > v_.held) fail("more frames are held than may be");
      if (node.endpoint.unacknowledged(id) > v_.frames) fail("more frames are in flight than may be");
    }
    // What was granted to sessions before others came counts twice at most; each may have sent a frame more.
    if (backlog_[node.number] > 3 * v_.bytes + (v_.sessions + 1) * v_.denoted)
      fail("more denoted bytes are here than were granted");
  }

  void post(uint32_t from, Node::Leaving& leaving) {
    const uint32_t to = leaving.packet.headers.bytes[4], port = leaving.packet.headers.bytes[5];
    const auto wire = wires_.find(name(from, to, port));
    if (wire == wires_.end()) return put(now_ + kUsualDelay, std::move(leaving.packet));
    for (const Time at : wire->second.carry(now_, leaving.packet.payload, faults())) put(at, leaving.packet);
  }
  void post_raw(Packet packet) { put(now_ + kUsualDelay, std::move(packet)); }
  void put(Time at, Packet packet) { packets_.push({at, ++order_, std::move(packet)}); }

  void arrive(const Packet& packet) {
    const uint8_t to = packet.headers.bytes[4], port = packet.headers.bytes[5];
    if (to < nodes_.size() && nodes_[to] && !packet.payload.empty()) nodes_[to]->take(packet, port, now_);
  }

  void on_delivery(Node& node, SessionId session, uint16_t stream, const std::vector<uint8_t>&) {
    ++news_.delivered;
    backlog_[node.number] += v_.denoted;
    auto& finished = finished_[node.number];
    finished.push_back(std::max(finished.empty() ? 0 : finished.back(), now_) + v_.consume);
    // Only what was asked for is answered, and no answer.
    for (size_t i = 0; i < progress_.size(); ++i)
      if (v_.transfers[i].from == node.number && progress_[i].session == session) return;
    const uint64_t peer = node.endpoint.peer(session).boot % kLife;
    for (const Transfer& t : v_.transfers)
      if (t.to == node.number && t.from == peer && t.replies != 0 && node.delivered(session, stream) % t.replies == 0)
        return (void)node.submit(session, stream, 100, v_.denoted);
  }

  /// What the owner of a transfer does: dials, submits, takes leave, and begins again where a session was lost.
  void work(const Transfer& t, Progress& p) {
    Node* node = nodes_[t.from].get();
    if (node == nullptr || p.done) return;
    if (p.session == session::kNoSession) {
      if (p.dial_at > now_) return;
      p.session = node->dial(static_cast<uint8_t>(t.to), now_, static_cast<uint8_t>(v_.ports - t.later));
      p.next.assign(t.streams, 0);
      p.added = p.dropped = false;
      p.dial_at = now_ + kRedial;
      return;
    }
    const State state = node->endpoint.state(p.session);
    if (state == State::kFree) {
      p.done = p.leaving;
      p.session = session::kNoSession;
      p.dial_at = now_ + kRedial;
      return;
    }
    if (state != State::kOpen && state != State::kAway) return;
    for (uint32_t port = v_.ports - t.later; !p.added && port < v_.ports; ++port)
      news_.paths_added += node->endpoint.add_path(
          p.session, node->path_to(static_cast<uint8_t>(t.to), static_cast<uint8_t>(port)), now_);
    p.added = true;
    bool all = true;
    for (uint16_t stream = 0; stream < t.streams; ++stream) {
      while (p.next[stream] < t.frames && node->submit(p.session, stream, t.bytes, v_.denoted)) ++p.next[stream];
      all = all && p.next[stream] == t.frames;
    }
    if (all && t.drops != 0 && !p.dropped && node->endpoint.sender(p.session)->path(1).open()) {
      p.dropped = true;
      ++news_.paths_dropped;
      node->endpoint.remove_path(p.session, 0, now_);
    }
    if (!all || node->endpoint.unacknowledged(p.session) != 0) return;
    p.leaving = true;
    if (!all_delivered(t, node->endpoint.peer(p.session))) fail("frames were acknowledged that were not delivered");
    node->endpoint.close(p.session, ByeUnit::Reason::kDone, now_);
  }

  /// What the peer has acknowledged it has delivered, unless its owner holds it back or it has lost its life since.
  [[nodiscard]] bool all_delivered(const Transfer& t, const Terms& peer) const {
    const Node* other = nodes_[t.to].get();
    if (v_.hold != 0 || other == nullptr || peer.boot != kLife * (lives_[t.to] - 1) + t.to) return true;
    for (uint16_t stream = 0; stream < t.streams; ++stream)
      if (other->delivered(peer.session, stream) != t.frames) return false;
    return true;
  }

  [[nodiscard]] bool all_done() const {
    return std::ranges::all_of(progress_, [](const Progress& p) { return p.done; });
  }
  [[nodiscard]] size_t sessions() const {
    size_t count = 0;
    for (const auto& node : nodes_)
      if (node) count += node->endpoint.all().size();
    return count;
  }
  [[nodiscard]] Time next_event() const {
    Time next = packets_.empty() ? kNever : packets_.top().at;
    if (!plan_.empty()) next = std::min(next, plan_.begin()->first);
    if (v_.hold != 0 && (held_back_ || faults())) next = std::min(next, hold_at_);
    if (stranger_ && speaks_at_ < v_.faults_end) next = std::min(next, speaks_at_);
    for (const auto& node : nodes_) {
      if (!node) continue;
      next = std::min(next, node->endpoint.next_event(now_));
      if (!finished_[node->number].empty()) next = std::min(next, finished_[node->number].front());
    }
    for (size_t i = 0; i < progress_.size(); ++i) {
      const Node* node = nodes_[v_.transfers[i].from].get();
      const Progress& p = progress_[i];
      if (node == nullptr || p.done) continue;
      if (p.session == session::kNoSession)
        next = std::min(next, p.dial_at);
      else if (node->endpoint.state(p.session) == State::kFree)
        next = now_;
    }
    return next;
  }

  struct Arriving {
    Time at = 0;
    uint64_t order = 0;
    Packet packet;
    bool operator<(const Arriving& other) const { return std::pair(at, order) > std::pair(other.at, other.order); }
  };

  const Village v_;
  std::mt19937_64 random_;
  std::vector<uint64_t> lives_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<uint64_t> backlog_;           // denoted bytes, by node
  std::vector<std::deque<Time>> finished_;  // when each delivered frame has been worked on, by node
  std::map<uint32_t, Wire> wires_;
  std::priority_queue<Arriving> packets_;
  std::multimap<Time, std::pair<uint32_t, bool>> plan_;  // lives that end, and that begin
  std::vector<Progress> progress_;
  std::optional<Stranger> stranger_;
  Time speaks_at_ = 0;
  bool held_back_ = false;
  Time hold_at_ = 0;
  uint64_t order_ = 0;
  Time now_ = 1;
  News news_;
};

}  // namespace

News live(const Village& village) { return World(village).run(); }

}  // namespace pfs::sim
