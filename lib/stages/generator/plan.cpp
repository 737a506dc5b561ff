#include <fmt/format.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <chrono>

#include "base/log.hpp"
#include "base/units.hpp"
#include "config/reader.hpp"
#include "stages/digest_key.hpp"
#include "stages/generator/generator.hpp"
#include "stages/rate.hpp"
#include "wire/extension.hpp"
#include "wire/sending/writer.hpp"

namespace pfs {
namespace {

constexpr uint32_t kGramUnitBytes = 1 + kGramBytes;
constexpr uint32_t kSessionUnitBytes = extension_bytes(kSessionFixedBytes);
constexpr uint32_t kWindowBytes = sync_mark_bytes(true) + run_head_bytes(kRunMax);
constexpr uint32_t kFrameBytesMin = 64;  // below, a first frame holds no reference

struct GeneratorPlan final : StagePlan {
  uint16_t stream = 0;
  Pattern::Kind pattern = Pattern::Kind::kContiguous;
  uint32_t stride = 2;
  uint64_t seed = 1;
  uint32_t frame_bytes = kFrameBytesMin;
  uint32_t frames_per_gram = 64;
  uint64_t range = 0;
  uint8_t op = 4;
  uint64_t arg = 0;
  DigestKind digest = DigestKind::kNone;
  bool crc = true;
  bool prp = false;
  uint32_t window_pow2 = 16;
  uint64_t count = 0;
  uint32_t window = 0;
  Rate rate;

  [[nodiscard]] Result<void> check(const StageEnv& env) const override;
  [[nodiscard]] uint64_t mbufs_kept(const StageEnv& /*env*/) const override { return frames_max(); }
  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override;
  [[nodiscard]] Result<void> refuse_slow(double frames, const StageEnv& env) const;
  void say_above_line(double frames, uint32_t link_mbps, const StageEnv& env) const;

  [[nodiscard]] uint32_t payload() const noexcept { return frame_bytes - kEthernetHeaderBytes; }
  /// A 64-byte first frame has no room for SESSION beside a reference; then a receiver must be fresh too.
  [[nodiscard]] bool has_session() const noexcept {
    return payload() >= kFrameHeaderBytes + kGramUnitBytes + kSessionUnitBytes + 5;
  }
  [[nodiscard]] uint32_t references() const noexcept;
  [[nodiscard]] uint64_t frames_max() const noexcept;
};

/// How many references fill `frames` frames of `payload` bytes, the first with GRAM (and SESSION), the last with
/// GRAM_END: each frame one L3 run.
uint32_t references_in(uint32_t payload, uint32_t frames, uint32_t first_head) noexcept {
  const auto in_run = [](uint32_t bytes) {
    const uint32_t count = bytes / 4;
    return (count > kShortRunMax ? bytes - 3 : bytes - 1) / 4;
  };
  const uint32_t body = payload - kFrameHeaderBytes;
  if (frames == 1) return body < first_head + kGramUnitBytes + 5 ? 0 : in_run(body - first_head - kGramUnitBytes);
  return in_run(body - first_head) + (frames - 2) * in_run(body) + in_run(body - kGramUnitBytes);
}

/// L3 blocks of the blob that a 32-bit reference reaches.
uint64_t blocks_of(const Layout& layout) noexcept {
  return std::min<uint64_t>((layout.size - layout.l3) / layout.block, UINT32_MAX);
}

uint32_t GeneratorPlan::references() const noexcept {
  return references_in(payload(), frames_per_gram, kGramUnitBytes + (has_session() ? kSessionUnitBytes : 0));
}

/// Each window that ends in a gram adds a mark and the head of another run; what does not fit goes into more frames.
uint64_t GeneratorPlan::frames_max() const noexcept {
  const uint64_t windows = (references() >> window_pow2) + 1;
  const uint64_t body = payload() - kFrameHeaderBytes - kWindowBytes;
  return frames_per_gram + windows * kWindowBytes / body + 2;
}

Result<void> GeneratorPlan::check(const StageEnv& env) const {
  if (auto there = need_blob(env); !there) return there;
  if (payload() > env.port->payload_bytes())
    return fail(env.where, fmt::format("frames of {} bytes do not fit the MTU of {}", frame_bytes, env.port->mtu),
                fmt::format("--set ports.{}.driver.mtu={}", env.port->name, payload()));
  const Layout& layout = env.blob.layout;
  if (range > blocks_of(layout) * layout.block || (range != 0 && range < layout.block))
    return fail(
        env.where,
        fmt::format("range {} is not within the blob's {} blocks of {} bytes", range, blocks_of(layout), layout.block),
        "lower `range`");
  if (references() == 0)
    return fail(
        env.where,
        fmt::format("{} frame(s) of {} bytes hold GRAM and GRAM_END, but no reference", frames_per_gram, frame_bytes),
        "raise `frame_bytes` or `frames_per_gram`");
  if (window != 0 && (op == 0 || !env.has_input))
    return fail(env.where, fmt::format("a window of {} unanswered grams, and nothing brings RESULTs", window),
                "lead an edge from an rx stage to the generator, and give its grams an `op`; or leave `window` out");
  if (rate.kind == Rate::Kind::kPercent) return {};  // of a line that is known once the port has started
  return refuse_slow(frames_per_second(rate, frame_bytes, 0), env);
}

Result<void> GeneratorPlan::refuse_slow(double frames, const StageEnv& env) const {
  auto good = check_rate(frames);
  if (!good) good.error().where = env.where;
  return good;
}

/// A line that a device names is real on a NIC and a figure of speech on a virtual one, so more than it is no error.
void GeneratorPlan::say_above_line(double frames, uint32_t link_mbps, const StageEnv& env) const {
  const double line = frames_per_second({.kind = Rate::Kind::kPercent, .amount = 100}, frame_bytes, link_mbps);
  if (frames > line && link_mbps != 0)
    log_line(fmt::format("stage '{}': asks for {} frames/s, and {} Mbps carry {} of {} bytes", env.name,
                         format_si(frames), link_mbps, format_si(line), frame_bytes));
}

Result<std::unique_ptr<Stage>> GeneratorPlan::create(const StageEnv& env) {
  rte_eth_link link{};
  rte_eth_link_get_nowait(env.port->id, &link);
  const uint32_t link_mbps = link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed;
  if (rate.kind == Rate::Kind::kPercent && link_mbps == 0)
    return fail(env.where,
                fmt::format("port '{}' does not say its line rate, so there is no percentage of it", env.port->name),
                "give `rate` in Mpps or Gbps");
  const double frames = frames_per_second(rate, frame_bytes, link_mbps);
  if (auto good = refuse_slow(frames, env); !good) return tl::unexpected(good.error());
  say_above_line(frames, link_mbps, env);
  uint32_t key = 0;
  for (const StreamEntry& entry : env.streams)
    if (entry.id == stream) key = entry.key;
  const Layout& layout = env.blob.layout;
  const auto blocks = static_cast<uint32_t>(range == 0 ? blocks_of(layout) : range / layout.block);
  const auto now = std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch());
  const BuilderConfig builder = {.stream = stream,
                                 .payload_bytes = payload(),
                                 .window_pow2 = window_pow2,
                                 .crc = crc,
                                 .prp = prp,
                                 .key = key,
                                 .digest = digest,
                                 .session = has_session() ? static_cast<uint64_t>(now.count()) : 0};
  const GeneratorConfig config = {.builder = builder,
                                  .pattern = {pattern, blocks, stride, seed},
                                  .references = references(),
                                  .frames_max = static_cast<uint32_t>(frames_max()),
                                  .op = op,
                                  .arg = arg,
                                  .grams = count,
                                  .window = window,
                                  .frames_per_second = frames};
  return std::make_unique<Generator>(env, config);
}

Result<std::unique_ptr<StagePlan>> parse(const StageConfig& config) {
  auto plan = std::make_unique<GeneratorPlan>();
  Reader reader(&config.node, "stage '" + config.name + "'");
  plan->port = reader.required_text("port");
  plan->stream = static_cast<uint16_t>(reader.number("stream", 0, 0, 65535));
  plan->pattern = reader.choice("pattern", plan->pattern,
                                {{"contiguous", Pattern::Kind::kContiguous},
                                 {"stride", Pattern::Kind::kStride},
                                 {"random", Pattern::Kind::kRandom}});
  plan->stride = static_cast<uint32_t>(reader.number("stride", plan->stride, 1, UINT32_MAX));
  plan->seed = reader.number("seed", plan->seed, 0, UINT64_MAX);
  plan->frame_bytes = static_cast<uint32_t>(reader.number("frame_bytes", plan->frame_bytes, kFrameBytesMin, 9018));
  plan->frames_per_gram = static_cast<uint32_t>(reader.number("frames_per_gram", plan->frames_per_gram, 1, 4096));
  plan->range = reader.size("range", 0, 0, UINT64_MAX);
  plan->op = static_cast<uint8_t>(reader.number("op", plan->op, 0, 255));
  plan->arg = reader.number("arg", 0, 0, UINT64_MAX);
  plan->digest = read_digest(reader, plan->digest);
  plan->crc = reader.flag("crc", plan->crc);
  plan->prp = reader.flag("prp", plan->prp);
  plan->window_pow2 = static_cast<uint32_t>(reader.number("window_pow2", plan->window_pow2, 0, 31));
  plan->count = reader.number("count", 0, 0, UINT64_MAX);
  plan->window = static_cast<uint32_t>(reader.number("window", 0, 0, AwaitedResults::kTimed));
  const Result<Rate> rate = parse_rate(reader.text("rate", ""));
  if (!rate) reader.reject("rate", rate.error().what, rate.error().hint);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  plan->rate = *rate;
  return plan;
}

const RegisterStage kRegistered(
    {.name = "generator", .takes = {Item::kFrame}, .gives = {Item::kFrame}, .optional_input = true, .parse = parse});

}  // namespace
}  // namespace pfs
