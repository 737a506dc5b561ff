#include "stages/file_sink/file_sink.hpp"

#include <fmt/format.h>
#include <rte_cycles.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/log.hpp"
#include "gram/verifier.hpp"
#include "stages/output.hpp"

namespace pfs {
namespace {

constexpr uint64_t kReceiptTriesPerSecond = 1000;  // of one that there was no mbuf or no room for
constexpr uint64_t kLooksPerSecond = 1000;         // for senders that have fallen silent
constexpr uint64_t kAbandonedSeconds = 1;          // of silence: twice what a live session's keep-alive takes

uint64_t referenced(const Gram& gram) noexcept {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < gram.table.count; ++i)
    if (gram.table.data[i].in_blob()) bytes += gram.table.data[i].length;
  return bytes;
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
      files_(config.files),
      receipts_(2 * config.files, env.ticks_per_second / kReceiptTriesPerSecond),
      slice_(IncomingFile::kSliceBytes) {
  polls_new_items = false;
}

void FileSink::take(void** items, uint32_t count) noexcept { queue_.submit({reinterpret_cast<Gram**>(items), count}); }

/// Takes a slice of the gram, or all slices where the queue asks for everything at once.
GramWork::Step FileSink::work(Gram& gram, bool /*good*/, uint64_t bytes) noexcept {
  const uint64_t now = rte_rdtsc();
  FileInProgress* entry = files_.find(gram);
  if (entry == nullptr) {
    if (const Drop refused = file_of(gram, now, entry); refused != Drop::kNone) return settle(gram, refused);
    // A sender that was forgotten and is known anew has grams in two lines: one waits for the other.
    if (entry->writing != nullptr) return Step::kMore;
    const Drop refused =
        entry->file->begin(gram.head.arg, {.pieces = {gram.table.data, gram.table.count},
                                           .blob = blob_.data,
                                           .slab = gram.slab,
                                           .bytes = gram.bytes,
                                           .digest_kind = static_cast<DigestKind>(gram.end.digest_kind),
                                           .digest = gram.end.digest});
    if (refused != Drop::kNone) {
      entry->heard = now;
      return settle(gram, refused);
    }
    entry->writing = &gram;
  }
  const std::optional<Drop> fate = write(gram, bytes, *entry);
  const uint64_t took = rte_rdtsc() - now;
  if (took > ticks_per_second_ / 1000) files_.excuse(took);  // bringing a large file to the disk takes seconds
  return fate ? settle(gram, *fate) : Step::kMore;
}

/// Writes what the queue asks for, and ends the file if that was its last byte. Returns nothing while more slices
/// follow, and then what became of the gram.
std::optional<Drop> FileSink::write(const Gram& gram, uint64_t bytes, FileInProgress& entry) {
  Result<std::optional<Drop>> fate = std::nullopt;
  do fate = entry.file->take_slice(slice_);
  while (fate && !*fate && bytes == UINT64_MAX);
  entry.heard = rte_rdtsc();  // the disk may have taken long
  if (fate && !*fate) return std::nullopt;
  entry.writing = nullptr;
  if (!fate) {
    fail_file(entry, fate.error());
    return Drop::kStopped;
  }
  if (**fate == Drop::kNone) book(gram, entry);
  if (**fate == Drop::kDigestMismatch && entry.file->bytes() == 0)
    remove(entry);  // no good gram ever came for this file
  else if (entry.file->whole())
    finish(entry);
  return **fate;
}

GramWork::Step FileSink::settle(const Gram& gram, Drop fate) noexcept {
  if (fate == Drop::kNone)
    stats.processed.add(gram.frames);
  else
    stats.drop(fate, gram.frames);
  return Step::kDone;
}

bool FileSink::give_up(Gram& gram) noexcept {
  if (FileInProgress* entry = files_.find(gram)) {
    entry->writing = nullptr;
    entry->file->drop_gram();
  }
  return true;
}

/// Finds the file in progress that the gram belongs to, or begins one. A file belongs to its sender: what another one
/// says of the same file does not disturb it.
Drop FileSink::file_of(const Gram& gram, uint64_t now, FileInProgress*& out) {
  if (!gram.has_file || gram.head.op != 0) return Drop::kUnwanted;
  if (!counts_hold(gram)) return Drop::kDigestMismatch;
  const FileSender sender = FileSender::of(gram);
  out = files_.find(sender, gram.file);
  if (out != nullptr) return Drop::kNone;
  if (Comparison* comparison = comparisons_.find(sender, gram.file)) {
    comparison->asker = Asker::of(gram);
    return Drop::kDuplicate;  // the same bytes are there, or the file is refused
  }
  const bool begins = gram.head.arg == 0;
  switch (outcomes_.look_up(*folder_, gram.file, sender, begins)) {
    case Outcomes::Known::kVerified:
      if (begins || gram.head.arg + gram.bytes == gram.file.size) tell(Asker::of(gram), FileIdentity(gram.file), true);
      return Drop::kDuplicate;
    case Outcomes::Known::kFailed:
      return Drop::kUnwanted;
    case Outcomes::Known::kNothing:
      return ending_ ? Drop::kUnwanted : begin(gram, sender, now, out);
  }
  return Drop::kUnwanted;
}

/// Begins a file with its first gram, or goes on with one that another session left. If the file cannot be taken its
/// sender is told so.
Drop FileSink::begin(const Gram& gram, const FileSender& sender, uint64_t now, FileInProgress*& out) {
  const bool in_session = frames_out != nullptr && frames_out->delivers();
  if (in_session) out = files_.find_abandoned(gram.file, now, kAbandonedSeconds * ticks_per_second_);
  if (out != nullptr) {
    out->sender = sender;
    out->asker = Asker::of(gram);
    taken_over_.add(1);
    log_line(fmt::format("{}: goes on in another session with {} of {} bytes there", quote(out->file->place()),
                         out->file->bytes(), gram.file.size));
    return Drop::kNone;
  }
  const FileIdentity identity(gram.file);
  const bool over_share = files_.of_peer(sender) + comparisons_.of_peer(sender) >= config_.peer_files;
  if (over_share || files_.full() || comparisons_.count() == config_.files) {
    refused_.add(1);
    outcomes_.failed(identity, sender);
    tell(Asker::of(gram), identity, false);
    return over_share ? Drop::kOverShare : Drop::kOverLimit;
  }
  if (auto existing = ExistingFile::open(*folder_, name_of(identity), identity.size);
      existing && !config_.incoming.overwrite) {
    comparisons_.add(
        {.existing = std::move(existing), .identity = identity, .sender = sender, .asker = Asker::of(gram)});
    return Drop::kDuplicate;
  }
  Result<std::unique_ptr<IncomingFile>> file = IncomingFile::create(*folder_, config_.incoming, gram.file);
  if (!file) {
    outcomes_.failed(identity, sender);
    tell(Asker::of(gram), identity, false);
    if (!config_.once || nothing_in_progress()) control_.add_file({.received = true});
    conclude({.exit = file.error().exit, .why = file.error().line()}, false);
    return Drop::kUnwanted;
  }
  out = &files_.add(std::move(*file));
  out->sender = sender;
  out->asker = Asker::of(gram);
  out->begun = out->heard = now;
  control_.received.total.fetch_add(gram.file.size, std::memory_order_relaxed);
  return Drop::kNone;
}

/// Books a gram whose bytes are there.
void FileSink::book(const Gram& gram, FileInProgress& entry) noexcept {
  entry.asker = Asker::of(gram);
  entry.wire_bytes += gram.wire_bytes;
  entry.referenced_bytes += referenced(gram);
  control_.received.bytes.fetch_add(entry.file->bytes() - entry.counted, std::memory_order_relaxed);
  entry.counted = entry.file->bytes();
}

/// Verifies a file whose bytes are all there, and puts it in place. Whoever else sends the same file has sent it, too.
void FileSink::finish(FileInProgress& entry) {
  const std::string place = entry.file->place();
  if (!entry.file->verify())
    return fail_file(entry, {.where = quote(place),
                             .what = "its bytes do not have the SHA-256 that the sender named",
                             .hint = "nothing was kept; do both ends have the same blob?",
                             .exit = Exit::kUnverified});
  const uint64_t verified_at = rte_rdtsc();
  if (const Result<void> done = entry.file->commit(); !done) return fail_file(entry, done.error());
  control_.add_file(end_of(entry, true, verified_at));
  const FileIdentity identity = entry.file->identity();
  const std::string& name = entry.file->name();
  if (const auto mark = folder_->mark_of(name)) outcomes_.verified(identity, name, *mark);
  verified_.add(1);
  bytes_.add(identity.size);
  for (FileInProgress& other : files_.places()) {
    if (other.file == nullptr || !(other.file->identity() == identity)) continue;
    tell(other.asker, identity, true);
    remove(other);
  }
  conclude({.exit = Exit::kDone, .why = fmt::format("{}: {} bytes, verified", quote(place), identity.size)}, true);
}

void FileSink::fail_file(FileInProgress& entry, const Error& error) {
  const Verdict verdict = {.exit = error.exit, .why = error.line()};
  outcomes_.failed(entry.file->identity(), entry.sender);
  tell(entry.asker, entry.file->identity(), false);
  const FileEnd end = end_of(entry, false, rte_rdtsc());
  remove(entry);
  if (!config_.once || nothing_in_progress()) control_.add_file(end);
  conclude(verdict, false);
}

/// Goes on comparing a file that was announced with the one that stands in its place.
uint32_t FileSink::compare() {
  if (comparisons_.count() == 0) return 0;
  const auto done = comparisons_.step(slice_);
  if (!done) return 1;
  const auto& [comparison, same] = *done;
  const FileIdentity& identity = comparison.identity;
  const std::string name = name_of(identity);
  tell(comparison.asker, identity, same);
  Verdict verdict;
  if (same) {
    if (const auto mark = folder_->mark_of(name)) outcomes_.verified(identity, name, *mark);
    verdict.why =
        fmt::format("{}: {} bytes, verified: it was there already", quote(folder_->place_of(name)), identity.size);
  } else {
    outcomes_.failed(identity, comparison.sender);
    const Result<void> taken = folder_->check_free(name, false);
    verdict = {
        .exit = Exit::kFailed,
        .why = taken ? quote(folder_->place_of(name)) + ": it went away while it was looked at" : taken.error().line()};
  }
  if (same || !config_.once || nothing_in_progress())
    control_.add_file({.received = true,
                       .verified = same,
                       .bytes = same ? identity.size : 0,
                       .file = folder_->place_of(name),
                       .sha256 = same ? to_hex(identity.sha256) : ""});
  conclude(verdict, same);
  return 1;
}

/// A file has ended. With `once` the run ends with the first one that is verified, or with the failure of the last one
/// in progress.
void FileSink::conclude(const Verdict& verdict, bool verified) {
  if (!config_.once || (!verified && !nothing_in_progress())) return log_line(verdict.why);
  ending_ = verdict;
  comparisons_.clear();
  for (FileInProgress& entry : files_.places()) {
    if (entry.file == nullptr) continue;
    tell(entry.asker, entry.file->identity(), false);
    give_up_file(entry, "given up, since the run ends with another file,");
  }
  if (frames_out == nullptr) end_run();
}

/// The run is over before the file is whole.
void FileSink::give_up_file(FileInProgress& entry, const char* how) {
  log_line(fmt::format("{}: {} when {} of {} bytes had arrived; nothing was kept", quote(entry.file->place()), how,
                       entry.file->bytes(), entry.file->identity().size));
  remove(entry);
}

void FileSink::remove(FileInProgress& entry) noexcept {
  control_.received.total.fetch_sub(entry.file->identity().size - entry.counted, std::memory_order_relaxed);
  files_.remove(entry);
}

FileEnd FileSink::end_of(const FileInProgress& entry, bool verified, uint64_t now) const {
  const auto seconds = [this](uint64_t ticks) {
    return static_cast<double>(ticks) / static_cast<double>(ticks_per_second_);
  };
  return {.received = true,
          .verified = verified,
          .bytes = entry.file->bytes(),
          .wire_bytes = entry.wire_bytes,
          .referenced_bytes = entry.referenced_bytes,
          .begun = seconds(entry.begun),
          .ended = seconds(now),
          .file = entry.file->place(),
          .sha256 = verified ? to_hex(entry.file->identity().sha256) : ""};
}

uint32_t FileSink::poll(uint64_t now) noexcept {
  const uint32_t moved = look_for_silence(now) + give_receipts(now) + compare();
  if (ending_ && told()) end_run();
  // Last, because `now` is over when a slice has been written.
  return queue_.poll(now) + moved;
}

uint32_t FileSink::look_for_silence(uint64_t now) {
  if (now < next_look_) return 0;
  next_look_ = now + ticks_per_second_ / kLooksPerSecond;
  uint32_t ended = 0;
  for (FileInProgress& entry : files_.places()) {
    if (entry.file == nullptr || !entry.silent(now, config_.timeout_s * ticks_per_second_)) continue;
    ++ended;
    fail_file(entry, {.where = quote(entry.file->place()),
                      .what = fmt::format("{} of {} bytes arrived, then nothing for {} s", entry.file->bytes(),
                                          entry.file->identity().size, config_.timeout_s),
                      .hint = "nothing was kept; lost frames are not sent again, see `dropped` at both ends",
                      .exit = Exit::kFailed});
  }
  return ended;
}

bool FileSink::drain(uint64_t /*now*/) noexcept {
  if (!queue_.empty()) return false;
  comparisons_.clear();
  for (FileInProgress& entry : files_.places()) {
    if (entry.file == nullptr) continue;
    control_.add_file(end_of(entry, false, rte_rdtsc()));
    give_up_file(entry, "stopped");
  }
  if (ending_) end_run();
  return true;
}

void FileSink::tell(const Asker& asker, const FileIdentity& file, bool verified) {
  if (frames_out == nullptr) return;
  Receipt receipt = {.asker = asker};
  UnitWriter(receipt.unit)
      .receipt({.status = static_cast<uint8_t>(verified ? 0 : 1), .size = file.size, .sha256 = file.sha256});
  receipts_.add(receipt);
  give_receipts(rte_rdtsc());
}

uint32_t FileSink::give_receipts(uint64_t now) noexcept {
  return receipts_.poll(now, [this](const Receipt& receipt) {
    const Reply reply = {
        .stream = receipt.asker.stream, .seq = receipt_seq_, .gram = receipt.asker.gram, .unit = receipt.unit};
    if (!replies_.send(receipt.asker.path, reply)) return false;
    ++receipt_seq_;
    receipts_sent_.add(1);
    return true;
  });
}

/// Whether all senders have been told how their files ended, as far as that can be known here.
bool FileSink::told() const noexcept {
  return receipts_.empty() && (frames_out == nullptr || !frames_out->delivers() || frames_out->settled());
}

void FileSink::end_run() {
  if (ended_) return;
  ended_ = true;
  control_.end(ending_->exit, ending_->why);
}

StageFigures FileSink::figures() const {
  using enum Figure::Unit;
  return {{"files_verified", kFiles, verified_},
          {"bytes_verified", kBytes, bytes_},
          {"files_refused", kFiles, refused_},
          {"files_taken_over", kFiles, taken_over_},
          {"receipts_sent", kFrames, receipts_sent_}};
}

}  // namespace pfs
