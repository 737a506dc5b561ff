#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <bit>
#include <chrono>

#include "config/reader.hpp"
#include "stages/session/session_in.hpp"
#include "stages/session/session_out.hpp"

namespace pfs {
namespace {

using transport::kMicrosecond;
using transport::kMillisecond;

constexpr uint64_t kStreamPlacesMax = 1 << 22;  // of all sessions; 21 bytes each

uint64_t boot_now() {
  using namespace std::chrono;
  return static_cast<uint64_t>(duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count());
}

/// Frames of a stream that may be on their way where nothing is said: fewer where there are many streams.
uint32_t usual_window(uint32_t sessions, uint32_t streams) {
  const uint64_t share = kStreamPlacesMax / (uint64_t{sessions} * streams);
  return static_cast<uint32_t>(std::bit_floor(std::clamp<uint64_t>(share, 64, 8192)));
}

struct SessionInPlan final : StagePlan {
  SessionConfig session;

  [[nodiscard]] Result<void> check(const StageEnv& env) const override {
    if (auto there = need_blob(env); !there) return there;
    const session::EndpointConfig& endpoint = session.endpoint;
    const uint64_t places = uint64_t{endpoint.sessions} * endpoint.sender.streams * endpoint.sender.stream_frames;
    if (places > kStreamPlacesMax)
      return fail(
          env.where,
          fmt::format("{} sessions of {} streams of {} frames are {} places, and {} are the most", endpoint.sessions,
                      endpoint.sender.streams, endpoint.sender.stream_frames, places, kStreamPlacesMax),
          "lower `sessions`, `streams` or `stream_frames`");
    if (auto good = check_paths(env); !good) return good;
    if (!env.gives_frames) return fail(env.where, fmt::format("stage '{}' leads nowhere", env.name), "add an edge");
    return {};
  }
  /// Frames in flight are mbufs of the stage's own port, and frames that came early of the port that they came by.
  [[nodiscard]] uint32_t mbufs_held(const std::string& of) const noexcept override {
    const bool faces =
        of == port || !session.dial || std::ranges::find(session.paths, of, &PathSetting::port) != session.paths.end();
    return (of == port ? session.endpoint.sessions * session.endpoint.sender.frames : 0) +
           (faces ? session.endpoint.held : 0);
  }
  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override;

 private:
  [[nodiscard]] Result<void> check_paths(const StageEnv& env) const;
};

/// A session that is opened from here needs somebody to call on each path. Whoever waits to be called answers the way
/// the question came, and only needs to be found.
Result<void> SessionInPlan::check_paths(const StageEnv& env) const {
  for (const PathSetting& path : session.paths) {
    if (std::ranges::find(env.ports, path.port, &Port::name) == env.ports.end())
      return fail(path.where,
                  fmt::format("a path of stage '{}' names port '{}', which is not there", env.name, path.port),
                  "name one of `ports`");
    if (session.dial && !path.can_dial())
      return fail(path.where, fmt::format("a path of stage '{}', which dials, has no remote", env.name),
                  "add remote: ...");
    if (!session.dial && (!path.address.udp || path.address.udp->remote))
      return fail(path.where,
                  fmt::format("stage '{}' does not dial, and answers go back the way the question came", env.name),
                  "write {port: ..., encap: udp, local: ...} for an address of this end, or dial: true");
  }
  return {};
}

Result<std::unique_ptr<Stage>> SessionInPlan::create(const StageEnv& env) {
  session::EndpointConfig& endpoint = session.endpoint;
  endpoint.boot = boot_now();
  if (getrandom(endpoint.secret.data(), endpoint.secret.size(), 0) != static_cast<ssize_t>(endpoint.secret.size()))
    return fail(env.where, "the kernel gives no random bytes for cookies", "see getrandom(2)", Exit::kFailed);
  Terms& terms = endpoint.terms;
  terms.version = 1;
  terms.boot = endpoint.boot;
  terms.root = env.root;
  terms.layout = env.blob.layout;
  terms.streams = static_cast<uint16_t>(endpoint.sender.streams);
  terms.frames = endpoint.receiver.stream_frames;
  terms.bytes = endpoint.receiver.bytes;
  if (session.dial && session.paths.empty()) session.paths.push_back({.where = env.where, .port = env.port->name});
  auto paths = SessionPaths::create(session.paths, env.ports, endpoint.timing, endpoint.forget);
  if (!paths) return tl::unexpected(paths.error());
  return std::make_unique<SessionIn>(env, session, std::move(*paths));
}

Result<std::unique_ptr<StagePlan>> parse_in(const StageConfig& config) {
  auto plan = std::make_unique<SessionInPlan>();
  Reader reader(&config.node, "stage '" + config.name + "'");
  plan->port = reader.required_text("port");
  plan->faces_paths = true;
  SessionConfig& session = plan->session;
  session::EndpointConfig& endpoint = session.endpoint;
  session.dial = reader.flag("dial", false);
  endpoint.accepts = !session.dial;
  auto paths = read_paths(reader.list("paths"), "stage '" + config.name + "'");
  if (!paths) return tl::unexpected(paths.error());
  session.paths = std::move(*paths);
  endpoint.paths = std::max(endpoint.paths, static_cast<uint32_t>(session.paths.size()));
  endpoint.sessions = static_cast<uint32_t>(reader.number("sessions", session.dial ? 1 : 16, 1, 256));
  endpoint.half_open = std::min(endpoint.sessions, static_cast<uint32_t>(reader.number("half_open", 8, 1, 256)));
  const auto streams = static_cast<uint32_t>(reader.number("streams", 16, 1, 4096));
  const auto frames =
      static_cast<uint32_t>(reader.number("stream_frames", usual_window(endpoint.sessions, streams), 64, 1 << 16));
  if (!std::has_single_bit(frames))
    reader.reject("stream_frames", fmt::format("{} is not a power of two", frames),
                  fmt::format("try {}", std::bit_ceil(frames)));
  endpoint.sender.streams = endpoint.receiver.streams = streams;
  endpoint.sender.stream_frames = endpoint.receiver.stream_frames = frames;
  endpoint.sender.frames = static_cast<uint32_t>(reader.number("in_flight", session.dial ? 8192 : 512, 64, 1 << 20));
  endpoint.receiver.held = static_cast<uint32_t>(reader.number("held", session.dial ? 512 : 8192, 1, 1 << 20));
  endpoint.held = static_cast<uint32_t>(
      reader.number("all_held", std::max(endpoint.receiver.held, session.dial ? 512u : 16384u), 1, 1 << 22));
  endpoint.receiver.bytes = reader.size("bytes", 1 << 30, 1 << 20, 1ULL << 40);
  endpoint.receiver.ack_every = static_cast<uint32_t>(reader.number("ack_every", 16, 1, 4096));
  const transport::Time ack_delay = reader.number("ack_delay_us", 1000, 1, 1000000) * kMicrosecond;
  endpoint.receiver.ack_delay = endpoint.timing.ack_delay = ack_delay;
  endpoint.timing.least_timeout = reader.number("least_timeout_us", 10000, 200, 1000000) * kMicrosecond;
  endpoint.timing.most_timeout = reader.number("most_timeout_ms", 500, 1, 60000) * kMillisecond;
  endpoint.keep_alive = reader.number("keep_alive_ms", 500, 10, 60000) * kMillisecond;
  endpoint.silence = reader.number("silence_ms", 2500, 50, 60000) * kMillisecond;
  endpoint.forget = reader.number("forget_ms", 10000, 100, 600000) * kMillisecond;
  endpoint.farewell = reader.number("farewell_ms", 1000, 0, 10000) * kMillisecond;
  if (endpoint.silence <= endpoint.keep_alive)
    reader.reject("silence_ms", "is not longer than `keep_alive_ms`", "a quiet peer speaks every `keep_alive_ms`");
  if (endpoint.forget <= endpoint.silence)
    reader.reject("forget_ms", "is not longer than `silence_ms`", "a silent peer is forgotten later");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return plan;
}

struct SessionOutPlan final : StagePlan {
  /// MBUF_FAST_FREE promises the device that nobody else keeps what it sends.
  [[nodiscard]] Result<void> check(const StageEnv& env) const override {
    for (const Port& port : env.ports)
      for (const std::string& offload : port.driver.tx_offloads)
        if (offload == "MBUF_FAST_FREE")
          return fail(env.where,
                      fmt::format("stage '{}' keeps what is in flight, and port '{}' frees what it has sent "
                                  "(MBUF_FAST_FREE)",
                                  env.name, port.name),
                      fmt::format("take it out of `tx_offloads` of port '{}'", port.name));
    return {};
  }
  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override {
    auto* in = dynamic_cast<SessionIn*>(env.partner);
    if (in == nullptr) return fail(env.where, "its partner is no session_in stage", "name one as `session`");
    return std::make_unique<SessionOut>(env, in->link(), in->stats);
  }
};

Result<std::unique_ptr<StagePlan>> parse_out(const StageConfig& config) {
  auto plan = std::make_unique<SessionOutPlan>();
  Reader reader(&config.node, "stage '" + config.name + "'");
  plan->port = reader.required_text("port");
  plan->faces_paths = true;
  plan->partner = reader.required_text("session");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return plan;
}

const RegisterStage kIn({.name = "session_in",
                         .takes = {Item::kFrame},
                         .gives = {Item::kFrame},
                         .takes_address_frames = true,
                         .parse = parse_in});
const RegisterStage kOut({.name = "session_out", .takes = {Item::kFrame}, .gives = {Item::kFrame}, .parse = parse_out});

}  // namespace
}  // namespace pfs
