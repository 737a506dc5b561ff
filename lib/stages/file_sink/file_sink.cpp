#include "stages/file_sink/file_sink.hpp"

#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <cassert>
#include "base/escape.hpp"

#include "base/log.hpp"
#include "gram/verifier.hpp"
#include "stages/output.hpp"
#include "stages/reply.hpp"
#include "wire/sending/writer.hpp"

namespace pfs {
namespace {

constexpr uint64_t kReceiptsPerSecond = 20;  // one every 50 ms: the default linger holds ten, and nine may be lost

uint64_t referenced(const Gram& gram) noexcept {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < gram.table.count; ++i)
    if (gram.table.data[i].in_blob()) bytes += gram.table.data[i].length;
  return bytes;
}

/// Who sent a gram. Gram::peer is a place in one assembler's table, which others may take later.
Source sender_of(const Gram& gram) noexcept {
  const EncapsulationBuffer& answer = gram.reply.encapsulation;
  EncapsulationBuffer question;
  reverse_encapsulation({answer.bytes.data(), answer.length}, question);
  return source_of({question.bytes.data(), question.length});
}

}  // namespace

FileSink::FileSink(const StageEnv& env, const FileSinkConfig& config, std::shared_ptr<const Folder> folder)
    : blob_(env.blob),
      replies_(*this, env.ports),
      control_(*env.control),
      config_(config),
      folder_(std::move(folder)),
      ticks_per_second_(env.ticks_per_second),
      queue_(env, stats, *this, false),
      receipt_(env.ticks_per_second / kReceiptsPerSecond, env.ticks_per_second / 1000 * config.linger_ms) {
  polls_new_items = false;
}

void FileSink::take(void** items, uint32_t count) noexcept { queue_.submit({reinterpret_cast<Gram**>(items), count}); }

/// Takes a slice of the gram, or all slices where the queue asks for everything at once.
GramWork::Step FileSink::work(Gram& gram, bool /*good*/, uint64_t bytes) noexcept {
  const uint64_t now = rte_rdtsc();
  if (writing_ != &gram) {
    if (const Drop refused = begin_gram(gram, now); refused != Drop::kNone) return settle(gram, refused);
    writing_ = &gram;
  }
  Result<std::optional<Drop>> fate = std::nullopt;
  do fate = file_->take_slice();
  while (fate && !*fate && bytes == UINT64_MAX);
  heard_ = rte_rdtsc();  // the disk may have taken long
  if (fate && !*fate) return Step::kMore;
  writing_ = nullptr;
  if (!fate) {
    give_up(file_->identity(), fate.error(), now);
    return settle(gram, Drop::kStopped);
  }
  if (**fate == Drop::kNone) book(gram);
  if (**fate == Drop::kDigestMismatch && file_->bytes() == 0) file_.reset();  // no good gram ever came for this file
  if (file_ && file_->whole()) finish(now);
  return settle(gram, **fate);
}

GramWork::Step FileSink::settle(const Gram& gram, Drop fate) noexcept {
  if (fate == Drop::kNone)
    stats.processed.add(gram.frames);
  else
    stats.drop(fate, gram.frames);
  return Step::kDone;
}

bool FileSink::give_up(Gram& gram) noexcept {
  if (writing_ == &gram) {
    writing_ = nullptr;
    file_->drop_gram();
  }
  return true;
}

/// Whether the gram belongs to the file in progress, or to a new one, which then begins. A file in progress belongs to
/// the peer that began it: what another peer says of the same file does not disturb it.
Drop FileSink::begin_gram(const Gram& gram, uint64_t now) {
  if (!gram.has_file || gram.head.op != 0) return Drop::kUnwanted;
  if (!counts_hold(gram)) return Drop::kDigestMismatch;
  if (last_ && last_->is(gram.file)) return last_verified_ ? Drop::kDuplicate : Drop::kUnwanted;
  if (ending_) return Drop::kUnwanted;
  if (!file_ && !begin(gram, now)) return Drop::kUnwanted;
  if (gram.reply.port != sender_.port || sender_of(gram) != source_) return Drop::kUnwanted;
  if (!file_->identity().is(gram.file)) return Drop::kUnwanted;
  assert(writing_ == nullptr);  // grams of one peer come one behind the other
  return file_->begin(gram.head.arg, {.pieces = {gram.table.data, gram.table.count},
                                      .blob = blob_.data,
                                      .slab = gram.slab,
                                      .bytes = gram.bytes,
                                      .digest_kind = static_cast<DigestKind>(gram.end.digest_kind),
                                      .digest = gram.end.digest});
}

/// Books a gram whose bytes are there.
void FileSink::book(const Gram& gram) noexcept {
  sender_ = gram.reply;
  stream_ = gram.stream;
  gram_ = gram.number;
  wire_bytes_ += gram.wire_bytes;
  referenced_bytes_ += referenced(gram);
  control_.progress_bytes.store(file_->bytes(), std::memory_order_relaxed);
}

/// Begins a file with its first gram. Returns false if the file cannot be taken; the sender is then told so.
bool FileSink::begin(const Gram& gram, uint64_t now) {
  receipt_.stop();
  begun_ = heard_ = now;
  wire_bytes_ = referenced_bytes_ = 0;
  sender_ = gram.reply;
  stream_ = gram.stream;
  gram_ = gram.number;
  source_ = sender_of(gram);
  Result<std::unique_ptr<IncomingFile>> file = IncomingFile::create(*folder_, config_.incoming, gram.file);
  if (!file) {
    give_up(FileIdentity(gram.file), file.error(), now);
    return false;
  }
  file_ = std::move(*file);
  control_.progress_total.store(gram.file.size, std::memory_order_relaxed);
  return true;
}

/// Verifies a file whose bytes are all there, and puts it in place.
void FileSink::finish(uint64_t now) {
  const FileIdentity& identity = file_->identity();
  const bool verified = file_->verify();
  const uint64_t verified_at = rte_rdtsc();
  const std::string place = quote(file_->place());
  if (!verified)
    return give_up(identity,
                   Error{.where = place,
                         .what = "its bytes do not have the SHA-256 that the sender named",
                         .hint = "nothing was kept; do both ends have the same blob?",
                         .exit = Exit::kUnverified},
                   now);
  if (const Result<void> done = file_->commit(); !done) return give_up(identity, done.error(), now);
  report(true, verified_at);
  files_.add(1);
  bytes_.add(identity.size);
  last_verified_ = true;
  conclude(identity, {.exit = Exit::kDone, .why = fmt::format("{}: {} bytes, verified", place, identity.size)}, now);
}

void FileSink::give_up(const FileIdentity& identity, const Error& error, uint64_t now) {
  report(false, rte_rdtsc());
  last_verified_ = false;
  conclude(identity, {.exit = error.exit, .why = error.line()}, now);
}

void FileSink::conclude(FileIdentity identity, Verdict verdict, uint64_t now) {
  file_.reset();
  writing_ = nullptr;  // what is left of its gram finds the file ended
  UnitWriter(receipt_unit_)
      .receipt(
          {.status = static_cast<uint8_t>(last_verified_ ? 0 : 1), .size = identity.size, .sha256 = identity.sha256});
  last_ = std::move(identity);
  if (frames_out != nullptr) {
    receipt_.start(now);
    send_receipt();
  }
  if (!config_.once) return log_line(verdict.why);
  ending_ = std::move(verdict);
  if (frames_out == nullptr) end_run();
}

void FileSink::report(bool verified, uint64_t now) {
  control_.set_result({.verified = verified,
                       .bytes = file_ ? file_->bytes() : 0,
                       .wire_bytes = wire_bytes_,
                       .referenced_bytes = referenced_bytes_,
                       .seconds = static_cast<double>(now - begun_) / static_cast<double>(ticks_per_second_),
                       .file = file_ ? file_->place() : "",
                       .sha256 = verified ? to_hex(file_->identity().sha256) : ""});
}

uint32_t FileSink::poll(uint64_t now) noexcept {
  const bool waits = file_ && writing_ == nullptr && now > heard_;
  if (waits && now - heard_ > config_.timeout_s * ticks_per_second_) {
    give_up(file_->identity(),
            Error{.where = quote(file_->place()),
                  .what = fmt::format("{} of {} bytes arrived, then nothing for {} s", file_->bytes(),
                                      file_->identity().size, config_.timeout_s),
                  .hint = "nothing was kept; lost frames are not sent again, see `dropped` at both ends",
                  .exit = Exit::kFailed},
            now);
    return 1;
  }
  const bool due = receipt_.due(now);
  if (due && link_is_down())
    receipt_.stop();  // the sender has gone
  else if (due)
    send_receipt();
  if (ending_ && receipt_.over(now)) end_run();
  // Last, because `now` is over when a slice has been written.
  return queue_.poll(now) + (due ? 1 : 0);
}

bool FileSink::drain(uint64_t /*now*/) noexcept {
  if (!queue_.empty()) return false;
  if (file_) {
    log_line(fmt::format("{}: stopped when {} of {} bytes had arrived; nothing was kept", quote(file_->place()),
                         file_->bytes(), file_->identity().size));
    report(false, rte_rdtsc());
    file_.reset();
  }
  receipt_.stop();
  if (ending_) end_run();
  return true;
}

void FileSink::send_receipt() noexcept {
  const Reply receipt = {.stream = stream_, .seq = receipt_seq_, .gram = gram_, .unit = receipt_unit_};
  if (!replies_.send(sender_, receipt)) return;  // the repetition will bring the receipt
  ++receipt_seq_;
  receipts_.add(1);
}

bool FileSink::link_is_down() const noexcept {
  const Port* port = replies_.port(sender_);
  if (port == nullptr || !port->driver.link_status) return false;
  rte_eth_link link{};
  return rte_eth_link_get_nowait(port->id, &link) == 0 && link.link_status == RTE_ETH_LINK_DOWN;
}

void FileSink::end_run() {
  if (ended_) return;
  ended_ = true;
  control_.end(ending_->exit, ending_->why);
}

StageFigures FileSink::figures() const {
  using enum Figure::Unit;
  return {
      {"files_verified", kFiles, files_}, {"bytes_verified", kBytes, bytes_}, {"receipts_sent", kFrames, receipts_}};
}

}  // namespace pfs
