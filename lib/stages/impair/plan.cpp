#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "config/reader.hpp"
#include "stages/impair/impair.hpp"
#include "stages/rate.hpp"

namespace pfs {
namespace {

struct ImpairPlan final : StagePlan {
  ImpairConfig impair;
  Rate rate;
  uint64_t delay_us = 0;
  uint64_t jitter_us = 0;
  uint64_t black_every_ms = 0;
  uint64_t black_for_ms = 0;

  [[nodiscard]] bool holds_frames() const noexcept {
    return rate.kind != Rate::Kind::kUnlimited || delay_us != 0 || jitter_us != 0;
  }

  /// Frames on the line keep mbufs of the ports that they came in by, which need as many again to receive into.
  [[nodiscard]] Result<void> check(const StageEnv& env) const override {
    if (!holds_frames()) return {};
    for (const Port& from : env.ports)
      if (impair.frames > from.driver.mbufs / 2)
        return fail(env.where,
                    fmt::format("stage '{}' may keep {} frames on its line, and port '{}' has {} mbufs for everything",
                                env.name, impair.frames, from.name, from.driver.mbufs),
                    fmt::format("lower `frames`, or --set ports.{}.driver.mbufs={}", from.name, impair.frames * 2));
    return {};
  }

  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override {
    const double per_second = static_cast<double>(env.ticks_per_second);
    LineConfig& line = impair.line;
    if (rate.kind != Rate::Kind::kUnlimited) line.ticks_per_byte = per_second * 8 / rate.amount;
    line.delay = env.ticks_per_second / 1000000 * delay_us;
    line.jitter = env.ticks_per_second / 1000000 * jitter_us;
    line.black_every = env.ticks_per_second / 1000 * black_every_ms;
    line.black_for = env.ticks_per_second / 1000 * black_for_ms;
    return std::make_unique<Impair>(env, impair);
  }
};

void read_dice(Reader& reader, DiceConfig& dice) {
  const auto probability = [&](const char* key, double& value) { value = reader.real(key, value, 0, 1); };
  probability("loss", dice.loss);
  probability("burst_enter", dice.burst_enter);
  probability("burst_leave", dice.burst_leave);
  probability("burst_loss", dice.burst_loss);
  probability("duplicate", dice.duplicate);
  probability("reorder", dice.reorder);
  probability("corrupt", dice.corrupt);
  probability("trim", dice.trim);
  dice.depth = static_cast<uint32_t>(reader.number("depth", dice.depth, 1, 1024));
  dice.seed = reader.number("seed", dice.seed, 0, UINT64_MAX);
}

void read_rate(Reader& reader, ImpairPlan& plan) {
  const Result<Rate> rate = parse_rate(reader.text("rate", ""));
  if (!rate) return reader.reject("rate", rate.error().what, rate.error().hint);
  plan.rate = *rate;
  if (rate->kind == Rate::Kind::kFrames || rate->kind == Rate::Kind::kPercent)
    return reader.reject("rate", "a link's rate is in bits a second", "write 1Gbps (L1) or 1GbpsL2");
  constexpr uint32_t kFcsBytes = 4;
  if (rate->kind == Rate::Kind::kBitsL2) plan.impair.frame_extra = kFcsBytes;
}

void read_black_holes(Reader& reader, ImpairPlan& plan) {
  plan.black_every_ms = reader.number("black_every_ms", 0, 0, 3600000);
  plan.black_for_ms = reader.number("black_for_ms", 0, 0, 3600000);
  if (plan.black_for_ms > plan.black_every_ms || (plan.black_every_ms != 0 && plan.black_for_ms == 0))
    reader.reject(plan.black_every_ms == 0 ? "black_for_ms" : "black_every_ms",
                  fmt::format("a link that is black for {} ms of every {} ms makes no sense", plan.black_for_ms,
                              plan.black_every_ms),
                  "give both keys, the period first: black_every_ms: 7000, black_for_ms: 5000");
}

Result<std::unique_ptr<StagePlan>> parse(const StageConfig& config) {
  auto plan = std::make_unique<ImpairPlan>();
  Reader reader(&config.node, "stage '" + config.name + "'");
  ImpairConfig& impair = plan->impair;
  read_dice(reader, impair.dice);
  read_rate(reader, *plan);
  impair.line.queue_bytes = static_cast<double>(reader.size("queue", 256 << 10, 1, 1u << 30));
  plan->delay_us = reader.number("delay_us", 0, 0, 60000000);
  plan->jitter_us = reader.number("jitter_us", 0, 0, 60000000);
  read_black_holes(reader, *plan);
  impair.frames = static_cast<uint32_t>(reader.number("frames", impair.frames, 64, 1u << 22));
  impair.trim_bytes = static_cast<uint32_t>(reader.number("trim_bytes", impair.trim_bytes, 14, 9018));
  if (!std::has_single_bit(impair.frames)) reader.reject("frames", "not a power of two");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return plan;
}

const RegisterStage kRegistered(
    {.name = "impair", .takes = {Item::kFrame}, .gives = {Item::kFrame}, .takes_any_frame = true, .parse = parse});

}  // namespace
}  // namespace pfs
