#include "stages/generator/generator.hpp"

#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <cmath>

#include "stages/answers.hpp"
#include "stages/output.hpp"

namespace pfs {
namespace {

constexpr uint64_t kArrivalsPerSecond = 5;  // 200 ms from the last frame to the end, where no answer is expected
constexpr uint64_t kSessionSeconds = 10;    // from the last answer to the end, where what was sent has arrived
constexpr uint64_t kBurst = 32;             // frames at once under a rate: as the device takes them

}  // namespace

Generator::Generator(const StageEnv& env, const GeneratorConfig& config)
    : control_(*env.control),
      config_(config),
      block_(env.blob.layout.block),
      answered_(env.has_input && config.op != 0),
      ticks_per_second_(env.ticks_per_second),
      ticks_per_frame_(
          config.frames_per_second == 0 ? 0 : static_cast<double>(env.ticks_per_second) / config.frames_per_second),
      builder_(config.builder, env.blob),
      frames_(env, config.frames_max),
      awaited_(config.op),
      pattern_(config.pattern),
      blocks_(config.references) {
  if (config.grams != 0) control_.expect_work();
}

void Generator::take(void** items, uint32_t count) noexcept {
  auto** frames = reinterpret_cast<rte_mbuf**>(items);
  const uint64_t now = rte_rdtsc();
  for (uint32_t i = 0; i < count; ++i) {
    Answers answers;
    const Drop fault = read_answers({rte_pktmbuf_mtod(frames[i], const uint8_t*), frames[i]->data_len},
                                    config_.builder.stream, awaited_, now, answers);
    if (fault == Drop::kNone)
      stats.processed.add(1);
    else
      stats.drop(fault);
    done_.add(answers.done);
    refused_.add(answers.refused);
  }
  rte_pktmbuf_free_bulk(frames, count);
}

/// True once frames may leave: into a session, when that is open.
bool Generator::ready() noexcept {
  if (ready_ && !(in_session_ && frames_out->epoch() != epoch_)) return true;
  if (ready_) begin_anew();
  const uint32_t budget = frames_out->frame_budget();
  if (budget == 0) return false;
  in_session_ = budget != Stage::kAnyBudget;
  epoch_ = frames_out->epoch();
  frames_.set_epoch(epoch_);
  ready_ = config_.builder.payload_bytes <= budget;
  if (!ready_)
    control_.end(Exit::kFailed, fmt::format("the session's frames hold {} bytes, and the generator's have {}; lower "
                                            "`frame_bytes` to {}",
                                            budget, config_.builder.payload_bytes, budget + kEthernetHeaderBytes));
  return ready_;
}

/// The peer's session is a new one, and of the old one nothing will come any more: grams that have no RESULT go again,
/// as grams of the new one.
void Generator::begin_anew() noexcept {
  ready_ = false;
  stats.drop(Drop::kNoSession, frames_.clear());
  waiting_.set(0);
  builder_.restart();
  awaited_.restart();
  if (answered_) given_up_.set(grams_.get() - done_.get() - refused_.get());
}

/// Small grams go on several at once, so that the stages behind have bursts.
uint32_t Generator::poll(uint64_t now) noexcept {
  if (control_.stopping() || !ready()) return 0;
  uint32_t moved = 0;
  while (moved < kBurst) {
    const uint32_t sent = send_some(now);
    if (sent == 0) break;
    moved += sent;
  }
  return moved;
}

/// Frames of the gram that waits, or of a new one, as many as may go.
uint32_t Generator::send_some(uint64_t now) noexcept {
  if (frames_.waiting().empty() && !make_gram(now)) return 0;
  const auto waiting = frames_.waiting();
  const auto allowed = std::min({static_cast<uint32_t>(waiting.size()), frames_out->room(), budget(now)});
  if (allowed == 0) return 0;
  if (begun_.get() == 0) begun_.set(now);
  const uint32_t sent = frames_out->send(config_.builder.stream, reinterpret_cast<void**>(waiting.data()), allowed);
  frames_.take(sent);
  sent_.add(sent);
  if (sent != 0) last_sent_.set(now);
  waiting_.set(frames_.waiting().size());
  return sent;
}

bool Generator::drain(uint64_t /*now*/) noexcept {
  stats.drop(Drop::kStopped, frames_.clear());
  waiting_.set(0);
  return true;
}

StageFigures Generator::figures() const {
  using enum Figure::Unit;
  using Kind = Figure::Kind;
  StageFigures all = {
      {"grams", kGrams, grams_},
      {"grams_given_up", kGrams, given_up_},
      {"references", kReferences, Kind::kCounter, [this] { return grams_.get() * config_.references; }},
      {"bytes_denoted", kBytes, Kind::kCounter, [this] { return grams_.get() * config_.references * block_; }},
      {"requested_frames_per_second", kFramesPerSecond, Kind::kGauge,
       [this] { return static_cast<uint64_t>(std::ceil(config_.frames_per_second)); }},
      {"achieved_frames_per_second", kFramesPerSecond, Kind::kGauge, [this] { return achieved(); }},
      {"results_done", kGrams, done_},
      {"results_refused", kGrams, refused_}};
  if (answered_) tell(awaited_.completions(), ticks_per_second_, all);
  return all;
}

bool Generator::make_gram(uint64_t now) noexcept {
  if (config_.grams != 0 && grams_.get() - given_up_.get() == config_.grams) {
    finish(now);
    return false;
  }
  if (config_.window != 0 && grams_.get() - given_up_.get() - done_.get() - refused_.get() >= config_.window)
    return false;
  if (!frames_.prepare(now)) return false;
  for (uint32_t& block : blocks_) block = pattern_.next();
  if (!builder_.build({.op = config_.op, .arg = config_.arg, .pieces = {}, .blocks = blocks_}, frames_))
    control_.end(Exit::kFailed,
                 "the generator cannot build a gram of this shape; raise `window_pow2` or `frame_bytes`");
  awaited_.sent(now);
  grams_.add(1);
  stats.built.add(frames_.waiting().size());
  waiting_.set(frames_.waiting().size());
  return true;
}

/// All grams are sent: this stage's part of the run is over once they are answered, or nobody will. Without answers to
/// wait for, the frames get a moment to arrive where this process receives them too.
void Generator::finish(uint64_t now) noexcept {
  const uint64_t answers = done_.get() + refused_.get();
  const bool answered = answered_ && answers >= config_.grams;
  if (over_) return;
  if (in_session_) {
    // What a session was given arrives, or the session ends the run; then the kernels have their time.
    if (answers != answers_seen_ || !frames_out->settled()) waits_since_ = now;
    answers_seen_ = answers;
    if (!answered &&
        (!frames_out->settled() || (answered_ && now - waits_since_ < kSessionSeconds * ticks_per_second_)))
      return;
  } else {
    const uint64_t patience = answered_ ? ticks_per_second_ : ticks_per_second_ / kArrivalsPerSecond;
    if (!answered && now - last_sent_.get() < patience) return;
  }
  over_ = true;
  if (answered || !answered_) return control_.work_done(Exit::kDone, "");
  control_.work_done(Exit::kFailed, fmt::format("{} of {} grams were answered", answers, config_.grams));
}

/// Frames that the rate allows by now. What a pause left over is made up for, a burst a poll.
uint32_t Generator::budget(uint64_t now) noexcept {
  if (ticks_per_frame_ == 0) return UINT32_MAX;
  if (begun_.get() == 0) begun_.set(now);
  const auto due = static_cast<uint64_t>(static_cast<double>(now - begun_.get()) / ticks_per_frame_);
  return due > sent_.get() ? static_cast<uint32_t>(std::min<uint64_t>(due - sent_.get(), kBurst)) : 0;
}

/// From the first frame to the last one so far; 0 before there are two.
uint64_t Generator::achieved() const noexcept {
  const uint64_t ticks = last_sent_.get() - begun_.get();
  if (begun_.get() == 0 || last_sent_.get() <= begun_.get()) return 0;
  return static_cast<uint64_t>(static_cast<double>(sent_.get()) / static_cast<double>(ticks) *
                               static_cast<double>(ticks_per_second_));
}

}  // namespace pfs
