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

FileSource::FileSource(const StageEnv& env, const FileSourceConfig& config, std::shared_ptr<const InputFile> file,
                       const FileContents& contents, BlockIndex index)
    : blob_(env.blob),
      port_(*env.port),
      control_(*env.control),
      config_(config),
      file_holder_(std::move(file)),
      file_(*file_holder_),
      contents_(contents),
      unit_{.size = file_.size(), .sha256 = contents.sha256, .name = file_.name()},
      answered_(env.has_input),
      ticks_per_second_(env.ticks_per_second),
      index_(std::move(index)),
      denoter_(blob_, index_),
      env_(env),
      window_(config.window),
      awaited_(config.op),
      bytes_(std::min(config.gram_bytes, file_.size())),
      pieces_(config.gram_bytes / kIndexBlock + 1),
      peer_known_(env.port->peer != kBroadcast) {
  control_.progress_total.store(file_.size(), std::memory_order_relaxed);
}

/// True once it is known how long frames may be: behind a session, when that is open.
bool FileSource::prepare() noexcept {
  if (building_) return true;
  const uint32_t budget = frames_out->frame_budget();
  if (budget == 0) return false;
  in_session_ = budget != Stage::kAnyBudget;
  const uint32_t payload = std::min(budget, env_.port->payload_bytes());
  const uint32_t least = GramBuilder::least_payload({.session = 1}, &unit_);
  if (payload < least) {
    end(Exit::kFailed,
        fmt::format("frames on the way to the receiver have {} bytes for their payload, and the first one "
                    "takes {}; raise the MTU on that way, or give the file a shorter name",
                    payload, least));
    return false;
  }
  building_.emplace(builder_config(env_, config_, payload), blob_, env_,
                    static_cast<uint32_t>(frames_bound(config_.gram_bytes, payload)));
  return true;
}

uint32_t FileSource::poll(uint64_t now) noexcept {
  if (over_ || control_.stopping() || !prepare()) return 0;
  const bool built = building_->frames.waiting().empty() && !all_built() && build_next(now);
  const uint32_t sent = send(now);
  if (answered_) watch(now);
  return std::max(sent, built ? 1u : 0u);
}

/// Builds the next gram of the file whole. Returns false if there are no mbufs for the gram yet.
bool FileSource::build_next(uint64_t now) noexcept {
  auto& [builder, frames] = *building_;
  if (!frames.prepare(now)) return false;
  const std::span<uint8_t> bytes(bytes_.data(), std::min<uint64_t>(bytes_.size(), file_.size() - offset_));
  if (const Result<void> done = file_.read(offset_, bytes); !done) {
    end(done.error().exit, done.error().line());
    return false;
  }
  DescriptorTable table = {.data = pieces_.data(), .count = 0, .capacity = static_cast<uint32_t>(pieces_.size())};
  denoter_.denote(bytes, table);
  const uint64_t before = frames.frames();
  const bool whole = builder.build(
      {.op = config_.op, .arg = offset_, .pieces = {table.data, table.count}, .slab = bytes.data(), .file = &unit_},
      frames);
  stats.built.add(frames.frames() - before);
  if (!whole) {
    end(Exit::kFailed, fmt::format("{}: a gram at {} needs more frames than foreseen", quote(file_.path()), offset_));
    return false;
  }
  awaited_.sent(now);
  begun_ = true;
  offset_ += bytes.size();
  sent_.update(bytes);
  if (all_built()) judge_source();
  referenced_.set(denoter_.bytes_referenced());
  literal_.set(denoter_.bytes_literal());
  waiting_.set(frames.waiting().size());
  control_.progress_bytes.store(offset_, std::memory_order_relaxed);
  return true;
}

/// Sends as many of the waiting frames as the next stage and the receiver have room for.
uint32_t FileSource::send(uint64_t now) noexcept {
  GramFrames& frames = building_->frames;
  const std::span<rte_mbuf*> waiting = frames.waiting();
  auto count = static_cast<uint32_t>(waiting.size());
  if (answered_ && !in_session_) count = std::min(count, window_.room());
  if (count != 0) count = std::min(count, frames_out->room());
  if (count == 0) return 0;
  if (first_sent_ == 0) first_sent_ = now;
  if (window_.unacknowledged() == 0) heard_ = now;
  auto** items = reinterpret_cast<void**>(waiting.data());
  // A frame that an edge refuses stays here: no one sends frames again, so a lost frame would be a lost file.
  const uint32_t sent = frames_out->send(config_.stream, items, count);
  if (!in_session_) window_.sent(sent);
  frames.take(sent);
  waiting_.set(frames.waiting().size());
  return sent;
}

/// Ends the run when the receiver has been silent for too long.
void FileSource::watch(uint64_t now) noexcept {
  if (first_sent_ == 0 || now <= heard_) return;
  const bool waits_for_session = in_session_ && !(all_built() && waiting_.get() == 0 && frames_out->settled());
  if (waits_for_session) heard_ = now;  // a session knows by itself whether its peer is there
  const bool all_acknowledged = all_built() && window_.unacknowledged() == 0;
  // When everything has arrived, the receiver may be busy bringing the file to its disk.
  const uint64_t patience_s = config_.timeout_s * (all_acknowledged ? 2 : 1);
  if (now - heard_ < patience_s * ticks_per_second_) return;
  if (config_.op != 0 && all_built() && waiting_.get() == 0)
    return conclude(false, fmt::format("{} of {} grams have a RESULT, and no other came for {} s",
                                       results_.get() + refused_.get(), building_->builder.next_gram(), patience_s));
  if (all_acknowledged)
    return end(
        Exit::kUnverified,
        fmt::format("no receipt from the receiver for {} s, though all {} frames of {} were acknowledged; is it over "
                    "the same blob? its `dropped` says what became of them",
                    patience_s, building_->frames.frames(), quote(file_.path())));
  end(Exit::kFailed,
      fmt::format(
          "no acknowledgement from the receiver for {} s: {} of {} frames sent were acknowledged; is it running, over "
          "the same blob and stream?",
          patience_s, window_.next(), window_.next() + window_.unacknowledged()));
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
    if (answers.ack && window_.acknowledge(*answers.ack)) {
      heard_ = now;
      acknowledged_.set(window_.next());
      if (!peer_known_ && building_) learn_peer(frame);
    }
    if (answers.receipt) hear(*answers.receipt);
    if (config_.op != 0) count_results(answers);
  }
  rte_pktmbuf_free_bulk(frames, count);
}

void FileSource::learn_peer(const rte_mbuf& frame) noexcept {
  const std::span<const uint8_t> headers = headers_of(frame);
  MacAddress peer{};
  if (headers.size() < 2 * peer.size()) return;
  std::copy_n(headers.begin() + peer.size(), peer.size(), peer.begin());
  building_->frames.address(peer);
  peer_known_ = true;
}

/// Takes the receiver's word on this file. A word on another file is not for this stage.
void FileSource::hear(const ReceiptUnit& receipt) noexcept {
  if (over_ || !begun_ || receipt.size != unit_.size || receipt.sha256 != unit_.sha256) return;
  const bool verified = receipt.status == 0;
  conclude(verified, verified ? fmt::format("{} bytes, verified by the receiver", file_.size())
                              : "the receiver could not take or verify it; its log says why");
}

void FileSource::count_results(const Answers& answers) noexcept {
  results_.add(answers.done);
  refused_.add(answers.refused);
  if (answers.done + answers.refused != 0) heard_ = rte_rdtsc();
  if (!all_built() || results_.get() + refused_.get() < building_->builder.next_gram()) return;
  conclude(refused_.get() == 0, fmt::format("{} RESULTs, {} grams refused", results_.get(), refused_.get()));
}

/// Tells the run whether the file is still the same, and returns in words what changed, or nothing if nothing did.
std::string FileSource::judge_source() {
  std::string change = file_.changed();
  if (sent_.value() != contents_.crc64)
    change = "what was sent is not what its SHA-256 was taken of" + (change.empty() ? "" : "; " + change);
  control_.set_source(change);
  return change;
}

void FileSource::conclude(bool verified, const std::string& why) {
  if (over_) return;
  const std::string change = judge_source();
  // A sink in this process has set the result already, and that sink has seen the bytes.
  if (!control_.result().present)
    control_.set_result(
        {.verified = verified,
         .bytes = verified ? file_.size() : 0,
         .wire_bytes = building_->frames.wire_bytes(),
         .referenced_bytes = denoter_.bytes_referenced(),
         .seconds = static_cast<double>(rte_rdtsc() - first_sent_) / static_cast<double>(ticks_per_second_),
         .file = file_.path(),
         .sha256 = verified ? to_hex(unit_.sha256) : ""});
  end(verified ? Exit::kDone : Exit::kUnverified,
      fmt::format("{}: {}{}", quote(file_.path()), why,
                  change.empty() ? "" : "; it changed while it was sent: " + change));
}

void FileSource::end(Exit exit, const std::string& why) {
  if (over_) return;
  over_ = true;
  control_.end(exit, why);
}

bool FileSource::exhausted() const noexcept { return over_ || (all_built() && waiting_.get() == 0); }

bool FileSource::drain(uint64_t /*now*/) noexcept {
  if (building_) stats.drop(Drop::kStopped, building_->frames.clear());
  waiting_.set(0);
  if (!over_ && all_built())
    if (const std::string change = judge_source(); !change.empty())
      log_line(fmt::format("{}: it changed while it was sent: {}", quote(file_.path()), change));
  over_ = true;
  return true;
}

StageFigures FileSource::figures() const {
  using enum Figure::Unit;
  StageFigures all = {{"bytes_referenced", kBytes, referenced_},
                      {"bytes_literal", kBytes, literal_},
                      {"frames_acknowledged", kFrames, acknowledged_},
                      {"results_done", kGrams, results_},
                      {"results_refused", kGrams, refused_}};
  if (config_.op != 0) tell(awaited_.completions(), ticks_per_second_, all);
  return all;
}

}  // namespace pfs
