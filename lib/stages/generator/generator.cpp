#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "config/reader.hpp"
#include "gram/builder.hpp"
#include "stages/file_source/answers.hpp"
#include "stages/file_source/gram_frames.hpp"
#include "stages/generator/pattern.hpp"
#include "stages/generator/rate.hpp"
#include "stages/output.hpp"
#include "stages/stage.hpp"

namespace pfs {
namespace {

constexpr uint32_t kGramUnitBytes = 1 + kGramBytes;
constexpr uint32_t kSessionUnitBytes = 11;
constexpr uint32_t kSpareFrames = 8;     // a gram's frames beyond the asked: its windows' marks may not fit
constexpr uint32_t kFrameBytesMin = 64;  // below, a first frame holds no reference
constexpr uint64_t kAnswerPatience = 1;  // seconds; after the last gram, answers that have not come by then are lost

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
  Rate rate;
  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override;
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

/// Makes grams of one stream over the blob's L3 blocks and hands their frames on, as fast as they are taken or at a
/// rate. Takes: frames that come back (RESULTs are counted). Gives: frames. Owns: the frames of one gram. Drops: a
/// faulty answer under its fault; stopped. Thread: its lcore.
class Generator final : public Stage {
 public:
  Generator(const StageEnv& env, const GeneratorPlan& plan, const BuilderConfig& builder, uint32_t references,
            uint32_t blocks, double rate)
      : control_(*env.control),
        plan_(plan),
        builder_(builder, env.blob),
        frames_(*env.port, plan.frames_per_gram + kSpareFrames),
        pattern_(plan.pattern, blocks, plan.stride, plan.seed),
        block_(env.blob.layout.block),
        references_(references),
        answered_(env.has_input && plan.op != 0),
        ticks_per_second_(env.ticks_per_second),
        ticks_per_frame_(rate == 0 ? 0 : static_cast<double>(env.ticks_per_second) / rate) {}

  void take(void** items, uint32_t count) noexcept override {
    auto** frames = reinterpret_cast<rte_mbuf**>(items);
    for (uint32_t i = 0; i < count; ++i) {
      Answers answers;
      const Drop fault =
          read_answers({rte_pktmbuf_mtod(frames[i], const uint8_t*), frames[i]->data_len}, plan_.stream, answers);
      if (fault == Drop::kNone)
        stats.processed.add(1);
      else
        stats.drop(fault);
      done_.add(answers.results);
      refused_.add(answers.refused);
    }
    rte_pktmbuf_free_bulk(frames, count);
  }

  uint32_t poll(uint64_t now) noexcept override {
    if (control_.ending()) return 0;
    if (frames_.waiting().empty() && !make_gram(now)) return 0;
    const auto waiting = frames_.waiting();
    const auto allowed = std::min({static_cast<uint32_t>(waiting.size()), frames_out->room(), budget(now)});
    if (allowed == 0) return 0;
    const uint32_t sent = frames_out->send(reinterpret_cast<void**>(waiting.data()), allowed);
    frames_.take(sent);
    sent_ += sent;
    waiting_.set(frames_.waiting().size());
    return sent;
  }

  bool drain(uint64_t) noexcept override {
    stats.drop(Drop::kStopped, frames_.clear());
    waiting_.set(0);
    return true;
  }

  [[nodiscard]] bool exhausted() const noexcept override { return over_ || control_.ending(); }
  [[nodiscard]] uint32_t room() const noexcept override { return UINT32_MAX; }
  [[nodiscard]] uint64_t frames_in_flight() const noexcept override { return waiting_.get(); }

  [[nodiscard]] StageFigures figures() const override {
    return {
        {"grams", grams_.get()},
        {"references", grams_.get() * references_},
        {"bytes_denoted", grams_.get() * references_ * block_},
        {"requested_frames_per_second",
         ticks_per_frame_ == 0 ? 0 : static_cast<uint64_t>(static_cast<double>(ticks_per_second_) / ticks_per_frame_)},
        {"results_done", done_.get()},
        {"results_refused", refused_.get()}};
  }

 private:
  bool make_gram(uint64_t now) noexcept {
    if (plan_.count != 0 && grams_.get() == plan_.count) {
      finish(now);
      return false;
    }
    if (!frames_.prepare()) return false;
    blocks_.resize(references_);
    for (uint32_t& block : blocks_) block = pattern_.next();
    builder_.build({.op = plan_.op, .arg = plan_.arg, .pieces = {}, .blocks = blocks_}, frames_);
    grams_.add(1);
    stats.built.add(frames_.waiting().size());
    waiting_.set(frames_.waiting().size());
    return true;
  }

  /// All grams are sent: the run is over once they are answered, or nobody will.
  void finish(uint64_t now) noexcept {
    if (last_sent_ == 0) last_sent_ = now;
    const bool answered = done_.get() + refused_.get() >= plan_.count;
    const bool waited = now - last_sent_ > ticks_per_second_ * kAnswerPatience;
    if (answered_ && !answered && !waited) return;
    over_ = true;
    if (!answered_) return;
    control_.end(
        answered ? Exit::kDone : Exit::kFailed,
        answered ? "" : fmt::format("{} of {} grams were answered", done_.get() + refused_.get(), plan_.count));
  }

  /// Frames that the rate allows by now. What was not used is not saved up beyond a burst.
  uint32_t budget(uint64_t now) noexcept {
    if (ticks_per_frame_ == 0) return UINT32_MAX;
    if (begun_ == 0) begun_ = now;
    const auto due = static_cast<uint64_t>(static_cast<double>(now - begun_) / ticks_per_frame_);
    return due > sent_ ? static_cast<uint32_t>(std::min<uint64_t>(due - sent_, kBurst)) : 0;
  }

  static constexpr uint64_t kBurst = 32;  // frames at once under a rate: as the device takes them
  RunControl& control_;
  GeneratorPlan plan_;
  GramBuilder builder_;
  GramFrames frames_;
  Pattern pattern_;
  uint32_t block_;
  uint32_t references_;
  bool answered_;
  uint64_t ticks_per_second_;
  double ticks_per_frame_;
  std::vector<uint32_t> blocks_;
  uint64_t sent_ = 0;
  uint64_t begun_ = 0;
  uint64_t last_sent_ = 0;
  bool over_ = false;
  Counter waiting_;
  Counter grams_;
  Counter done_;
  Counter refused_;
};

Result<std::unique_ptr<Stage>> GeneratorPlan::create(const StageEnv& env) {
  const std::string where = "stage '" + env.name + "'";
  if (env.blob.data == nullptr) return fail(where, "there is no blob to refer to", "add `blob:`");
  const uint32_t payload = frame_bytes - kEthernetHeaderBytes;
  if (payload > env.port->mtu)
    return fail(where, fmt::format("frames of {} bytes do not fit the MTU of {}", frame_bytes, env.port->mtu),
                fmt::format("--set ports.{}.driver.mtu={}", env.port->name, payload));
  const Layout& layout = env.blob.layout;
  const uint64_t there = std::min<uint64_t>((layout.size - layout.l3) / layout.block, UINT32_MAX);
  const uint64_t blocks = range == 0 ? there : range / layout.block;
  if (blocks == 0 || blocks > there)
    return fail(where,
                fmt::format("range {} is not within the blob's {} blocks of {} bytes", range, there, layout.block),
                "lower `range`");
  // A 64-byte first frame has no room for SESSION beside a reference; then a receiver must be fresh too.
  const bool session = payload >= kFrameHeaderBytes + kGramUnitBytes + kSessionUnitBytes + 5;
  const uint32_t references =
      references_in(payload, frames_per_gram, kGramUnitBytes + (session ? kSessionUnitBytes : 0));
  if (references == 0)
    return fail(
        where,
        fmt::format("{} frame(s) of {} bytes hold GRAM and GRAM_END, but no reference", frames_per_gram, frame_bytes),
        "raise `frame_bytes` or `frames_per_gram`");
  rte_eth_link link{};
  rte_eth_link_get_nowait(env.port->id, &link);
  if (rate.kind == Rate::Kind::kPercent && (link.link_speed == 0 || link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN))
    return fail(where,
                fmt::format("port '{}' does not say its line rate, so there is no percentage of it", env.port->name),
                "give `rate` in Mpps or Gbps");
  uint32_t key = 0;
  for (const StreamEntry& entry : env.streams)
    if (entry.id == stream) key = entry.key;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const BuilderConfig builder = {.stream = stream,
                                 .mtu = payload,
                                 .window_pow2 = window_pow2,
                                 .crc = crc,
                                 .prp = prp,
                                 .key = key,
                                 .digest = digest,
                                 .session = session ? static_cast<uint64_t>(std::chrono::nanoseconds(now).count()) : 0};
  return std::make_unique<Generator>(env, *this, builder, references, static_cast<uint32_t>(blocks),
                                     frames_per_second(rate, frame_bytes, link.link_speed));
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
  plan->digest = reader.choice("digest", plan->digest,
                               {{"none", DigestKind::kNone},
                                {"fnv1a64", DigestKind::kFnv1a64},
                                {"crc32c", DigestKind::kCrc32c},
                                {"crc64", DigestKind::kCrc64}});
  plan->crc = reader.flag("crc", plan->crc);
  plan->prp = reader.flag("prp", plan->prp);
  plan->window_pow2 = static_cast<uint32_t>(reader.number("window_pow2", plan->window_pow2, 0, 31));
  plan->count = reader.number("count", 0, 0, UINT64_MAX);
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
