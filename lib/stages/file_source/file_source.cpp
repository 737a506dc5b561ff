#include "stages/file_source/file_source.hpp"

#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <chrono>

#include "base/escape.hpp"
#include "base/log.hpp"
#include "stages/file_source/frames_bound.hpp"
#include "stages/output.hpp"
#include "stages/reply.hpp"

namespace pfs {
namespace {

uint64_t session_now() {
  using namespace std::chrono;
  return static_cast<uint64_t>(duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count());
}

uint32_t key_of(const StageEnv& env, uint16_t stream) {
  for (const StreamEntry& entry : env.streams)
    if (entry.id == stream) return entry.key;
  return 0;
}

BuilderConfig builder_config(const StageEnv& env, const FileSourceConfig& config, uint32_t payload_bytes) {
  return {.stream = config.stream,
          .payload_bytes = payload_bytes,
          .window_pow2 = config.window_pow2,
          .prp = config.prp,
          .key = key_of(env, config.stream),
          .digest = config.digest,
          .session = session_now()};
}

}  // namespace

FileSource::FileSource(const StageEnv& env, const FileSourceConfig& config,
                       std::shared_ptr<const std::vector<KnownFile>> files, std::shared_ptr<const BlockIndex> index)
    : blob_(env.blob),
      control_(*env.control),
      config_(config),
      files_(std::move(files)),
      answered_(env.has_input),
      ticks_per_second_(env.ticks_per_second),
      index_(std::move(index)),
      denoter_(blob_, *index_),
      env_(env),
      awaited_(config.op),
      pieces_(config.gram_bytes / kIndexBlock + 1) {
  uint64_t longest = 0;
  for (const KnownFile& known : *files_) {
    longest = std::max(longest, known.file.size());
    control_.sent.total.fetch_add(known.file.size(), std::memory_order_relaxed);
  }
  bytes_.resize(std::min(config.gram_bytes, longest));
  begin_file(0);
  control_.expect_work();
}

void FileSource::begin_file(size_t place) {
  place_ = place;
  file_.emplace((*files_)[place]);
  first_sent_ = 0;
  before_ = {.grams = building_ ? building_->builder.next_gram() : 0,
             .frames = building_ ? building_->frames.frames() : 0,
             .wire_bytes = building_ ? building_->frames.wire_bytes() : 0,
             .referenced_bytes = denoter_.bytes_referenced(),
             .results = results_.get(),
             .refused = refused_.get()};
}

/// True once it is known how long frames may be: behind a session, when that is open. A new session knows nothing of
/// the one before, and the file in progress begins anew.
bool FileSource::prepare() noexcept {
  const uint32_t epoch = frames_out->epoch();
  if (building_ && !(in_session_ && epoch != epoch_)) return true;
  const uint32_t budget = frames_out->frame_budget();
  if (budget == 0) return false;
  if (building_) forget_sent();
  epoch_ = epoch;
  in_session_ = budget != Stage::kAnyBudget;
  const uint32_t payload = std::min(budget, env_.port->payload_bytes());
  for (const KnownFile& known : *files_) {
    const FileUnit unit = {.name = known.file.name()};
    const uint32_t least = GramBuilder::least_payload({.session = 1}, &unit);
    if (payload >= least) continue;
    fail(Exit::kFailed,
         fmt::format("frames on the way to the receiver have {} bytes for their payload, and the first one of {} takes "
                     "{}; raise the MTU on that way, or give the file a shorter name",
                     payload, quote(known.file.path()), least));
    return false;
  }
  building_.emplace(builder_config(env_, config_, payload), blob_, env_,
                    static_cast<uint32_t>(frames_bound(config_.gram_bytes, payload)));
  building_->frames.set_epoch(epoch_);
  return true;
}

/// The receiver has no part of the file in progress any more, or its session has not.
void FileSource::forget_sent() {
  stats.drop(Drop::kNoSession, building_->frames.clear());
  waiting_.set(0);
  building_.reset();
  awaited_.restart();
  heard_ = rte_rdtsc();
  if (file_->begun())
    log_line(
        fmt::format("{}: the session is a new one; the file is sent again from its beginning", quote(file_->path())));
  control_.sent.bytes.fetch_sub(file_->offset(), std::memory_order_relaxed);
  begin_file(place_);
}

uint32_t FileSource::poll(uint64_t now) noexcept {
  if (over_ || control_.stopping() || !prepare()) return 0;
  const bool built = building_->frames.waiting().empty() && !all_built() && build_next(now);
  const uint32_t sent = send(now);
  if (answered_) watch(now);
  if (!answered_ && all_built() && waiting_.get() == 0 && !is_last()) {
    changes_ = judge_source();
    begin_file(place_ + 1);
  }
  return std::max(sent, built ? 1u : 0u);
}

/// Builds the next gram of the file whole. Returns false if there are no mbufs for the gram yet.
bool FileSource::build_next(uint64_t now) noexcept {
  auto& [builder, frames] = *building_;
  if (!frames.prepare(now)) return false;
  const uint64_t offset = file_->offset();
  const Result<std::span<const uint8_t>> bytes = file_->read_next(bytes_);
  if (!bytes) {
    fail(bytes.error().exit, bytes.error().line());
    return false;
  }
  DescriptorTable table = {.data = pieces_.data(), .count = 0, .capacity = static_cast<uint32_t>(pieces_.size())};
  denoter_.denote(*bytes, table);
  const uint64_t before = frames.frames();
  const bool whole = builder.build({.op = config_.op,
                                    .arg = offset,
                                    .pieces = {table.data, table.count},
                                    .slab = bytes->data(),
                                    .file = &file_->unit()},
                                   frames);
  stats.built.add(frames.frames() - before);
  if (!whole) {
    fail(Exit::kFailed, fmt::format("{}: a gram at {} needs more frames than foreseen", quote(file_->path()), offset));
    return false;
  }
  awaited_.sent(now);
  if (all_built()) judge_source();
  referenced_.set(denoter_.bytes_referenced());
  literal_.set(denoter_.bytes_literal());
  waiting_.set(frames.waiting().size());
  control_.sent.bytes.fetch_add(bytes->size(), std::memory_order_relaxed);
  return true;
}

/// Sends as many of the waiting frames as the next stage has room for.
uint32_t FileSource::send(uint64_t now) noexcept {
  GramFrames& frames = building_->frames;
  const std::span<rte_mbuf*> waiting = frames.waiting();
  const auto count = std::min(static_cast<uint32_t>(waiting.size()), frames_out->room());
  if (count == 0) return 0;
  if (first_sent_ == 0) first_sent_ = now;
  heard_ = now;
  // A frame that an edge refuses stays here: a lost frame would be a lost file.
  const uint32_t sent = frames_out->send(config_.stream, reinterpret_cast<void**>(waiting.data()), count);
  frames.take(sent);
  waiting_.set(frames.waiting().size());
  return sent;
}

/// Ends the run when all has been sent, and has arrived where a session knows that, and the receiver is silent for too
/// long.
void FileSource::watch(uint64_t now) noexcept {
  if (first_sent_ == 0 || now <= heard_) return;
  if (!all_built() || waiting_.get() != 0 || (in_session_ && !frames_out->settled())) {
    heard_ = now;
    return;
  }
  // The receiver may be busy bringing the file to its disk.
  const uint64_t patience_s = 2 * config_.timeout_s;
  if (now - heard_ < patience_s * ticks_per_second_) return;
  if (config_.op != 0)
    return fail(Exit::kUnverified, fmt::format("{}: {} of {} grams have a RESULT, and no other came for {} s",
                                               quote(file_->path()), results_of_file(), grams_of_file(), patience_s));
  fail(Exit::kUnverified,
       fmt::format("{}: no receipt from the receiver for {} s, though all {} frames {}; is it over the same blob? its "
                   "`dropped` says what became of them",
                   quote(file_->path()), patience_s, building_->frames.frames() - before_.frames,
                   in_session_ ? "have arrived" : "were sent"));
}

void FileSource::take(void** items, uint32_t count) noexcept {
  auto** frames = reinterpret_cast<rte_mbuf**>(items);
  const uint64_t now = rte_rdtsc();
  for (uint32_t i = 0; i < count; ++i) {
    const rte_mbuf& frame = *frames[i];
    Answers answers;
    const Drop fault = read_answers({rte_pktmbuf_mtod(&frame, const uint8_t*), frame.data_len}, config_.stream,
                                    awaited_, now, answers);
    if (fault != Drop::kNone) {
      stats.drop(fault);
      continue;
    }
    stats.processed.add(1);
    if (answers.receipt) hear(answers);
    if (config_.op != 0) count_results(answers);
  }
  rte_pktmbuf_free_bulk(frames, count);
}

/// Takes the receiver's word on the file in progress. A word on another file is not for this stage; and since two files
/// may have the same bytes, the word also has to answer one of this file's grams.
void FileSource::hear(const Answers& answers) noexcept {
  const ReceiptUnit& receipt = *answers.receipt;
  if (over_ || !file_->begun() || receipt.size != file_->size() || receipt.sha256 != file_->unit().sha256) return;
  if (answers.receipt_gram - before_.grams >= grams_of_file()) return;  // numbers wrap
  const bool verified = receipt.status == 0;
  conclude(verified, verified ? fmt::format("{} bytes, verified by the receiver", file_->size())
                              : "the receiver could not take or verify it; its log says why");
}

void FileSource::count_results(const Answers& answers) noexcept {
  results_.add(answers.done);
  refused_.add(answers.refused);
  if (answers.done + answers.refused == 0) return;
  heard_ = rte_rdtsc();
  if (over_ || !all_built() || results_of_file() < grams_of_file()) return;
  const uint64_t refused = refused_.get() - before_.refused;
  conclude(refused == 0, fmt::format("{} RESULTs, {} grams refused", results_of_file() - refused, refused));
}

uint64_t FileSource::results_of_file() const noexcept {
  return results_.get() - before_.results + refused_.get() - before_.refused;
}

/// Tells the run whether the files so far are still the same. Returns in words what changed, or nothing if nothing did.
std::string FileSource::judge_source() {
  std::string changes = changes_;
  if (const std::string change = file_->changed(); !change.empty())
    changes += (changes.empty() ? "" : "; ") + (files_->size() == 1 ? "" : quote(file_->path()) + ": ") + change;
  control_.set_source(env_.place, changes);
  return changes;
}

/// The file in progress has come to its end, and the next one begins, if there is one.
void FileSource::conclude(bool verified, const std::string& why) {
  if (over_) return;
  changes_ = judge_source();
  tell_end(verified);
  if (!verified && exit_ == Exit::kDone) exit_ = Exit::kUnverified;
  const std::string change = file_->changed();
  const std::string line = fmt::format("{}: {}{}", quote(file_->path()), why,
                                       change.empty() ? "" : "; it changed while it was sent: " + change);
  if (!is_last()) {
    log_line(line);
    return begin_file(place_ + 1);
  }
  over_ = true;
  control_.work_done(exit_, line);
}

/// The file in progress cannot be brought to its end, and no other is begun.
void FileSource::fail(Exit exit, const std::string& why) {
  if (over_) return;
  over_ = true;
  tell_end(false);
  control_.work_done(exit_ == Exit::kDone ? exit : exit_, why);
}

void FileSource::tell_end(bool verified) {
  const auto seconds = [this](uint64_t ticks) {
    return static_cast<double>(ticks) / static_cast<double>(ticks_per_second_);
  };
  const uint64_t now = rte_rdtsc();
  control_.add_file({.received = false,
                     .verified = verified,
                     .bytes = verified ? file_->size() : 0,
                     .wire_bytes = building_ ? building_->frames.wire_bytes() - before_.wire_bytes : 0,
                     .referenced_bytes = denoter_.bytes_referenced() - before_.referenced_bytes,
                     .begun = seconds(first_sent_ != 0 ? first_sent_ : now),
                     .ended = seconds(now),
                     .file = file_->path(),
                     .sha256 = verified ? to_hex(file_->unit().sha256) : ""});
}

bool FileSource::exhausted() const noexcept { return over_ || (is_last() && all_built() && waiting_.get() == 0); }

bool FileSource::drain(uint64_t /*now*/) noexcept {
  if (building_) stats.drop(Drop::kStopped, building_->frames.clear());
  waiting_.set(0);
  if (!over_ && !answered_ && exhausted() && !control_.result().present)
    log_line(fmt::format("{}: all is sent, and nobody has told that it arrived", quote(file_->path())));
  if (!over_ && all_built())
    if (judge_source(); !file_->changed().empty())
      log_line(fmt::format("{}: it changed while it was sent: {}", quote(file_->path()), file_->changed()));
  over_ = true;
  return true;
}

StageFigures FileSource::figures() const {
  using enum Figure::Unit;
  StageFigures all = {{"bytes_referenced", kBytes, referenced_},
                      {"bytes_literal", kBytes, literal_},
                      {"results_done", kGrams, results_},
                      {"results_refused", kGrams, refused_}};
  if (config_.op != 0) tell(awaited_.completions(), ticks_per_second_, all);
  return all;
}

}  // namespace pfs
