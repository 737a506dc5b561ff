#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gram/gram.hpp"
#include "stages/file_sink/comparisons.hpp"
#include "stages/file_sink/files_in_progress.hpp"
#include "stages/file_sink/folder.hpp"
#include "stages/file_sink/incoming_file.hpp"
#include "stages/file_sink/outcomes.hpp"
#include "stages/file_sink/receipts.hpp"
#include "stages/gram_queue.hpp"
#include "stages/reply.hpp"
#include "stages/stage.hpp"

namespace pfs {

struct FileSinkConfig {
  IncomingConfig incoming;
  size_t files = 128;      ///< in progress at once
  size_t peer_files = 64;  ///< of one peer, in progress at once
  uint64_t timeout_s = 10;
  bool once = true;
};

/// Puts files together from grams that name a file and a place in it, of several senders at once. The stage writes
/// every denoted byte at its place, compares the whole file with the sender's SHA-256 and gives the file its name only
/// then: of several files of one name the first to be whole has it. Each file belongs to its sender. In sessions, one
/// whose sender has fallen silent is taken over by another sender of the same file, who may be the same one come back.
/// Takes: grams. Gives: RECEIPT frames to the senders, where it has an edge to tx. Owns: the unfinished files, and the
/// grams that wait to be written. Drops: digest_mismatch; unwanted (no FILE unit, an op, a file that has failed, beyond
/// the end); duplicate; over_limit (a file too scattered, or one too many at once); over_share (one too many of one
/// session, or of one address without a session); stopped (the disk refused, or the run ended). Thread: its lcore,
/// which waits for the disk.
class FileSink final : public Stage, private GramWork {
 public:
  FileSink(const StageEnv& env, const FileSinkConfig& config, std::shared_ptr<const Folder> folder);

  void take(void** items, uint32_t count) noexcept override;
  uint32_t poll(uint64_t now) noexcept override;
  bool drain(uint64_t now) noexcept override;
  [[nodiscard]] uint64_t frames_in_flight() const noexcept override { return queue_.frames(); }
  [[nodiscard]] StageFigures figures() const override;

 private:
  /// How a file, and perhaps the run, ended, as the log and the exit code tell it.
  struct Verdict {
    Exit exit = Exit::kDone;
    std::string why;
  };

  Step work(Gram& gram, bool good, uint64_t bytes) noexcept override;
  bool give_up(Gram& gram) noexcept override;
  Step settle(const Gram& gram, Drop fate) noexcept;
  Drop file_of(const Gram& gram, uint64_t now, FileInProgress*& out);
  Drop begin(const Gram& gram, const FileSender& sender, uint64_t now, FileInProgress*& out);
  std::optional<Drop> write(const Gram& gram, uint64_t bytes, FileInProgress& entry);
  void book(const Gram& gram, FileInProgress& entry) noexcept;
  void finish(FileInProgress& entry);
  void fail_file(FileInProgress& entry, const Error& error);
  void conclude(const Verdict& verdict, bool verified);
  void give_up_file(FileInProgress& entry, const char* how);
  void remove(FileInProgress& entry) noexcept;
  [[nodiscard]] FileEnd end_of(const FileInProgress& entry, bool verified, uint64_t now) const;
  void tell(const Asker& asker, const FileIdentity& file, bool verified);
  uint32_t give_receipts(uint64_t now) noexcept;
  uint32_t look_for_silence(uint64_t now);
  uint32_t compare();
  [[nodiscard]] bool nothing_in_progress() const noexcept { return files_.empty() && comparisons_.count() == 0; }
  [[nodiscard]] const std::string& name_of(const FileIdentity& file) const noexcept {
    return config_.incoming.name.empty() ? file.name : config_.incoming.name;
  }
  [[nodiscard]] bool told() const noexcept;
  void end_run();

  const BlobView blob_;
  Replies replies_;
  RunControl& control_;
  const FileSinkConfig config_;
  const std::shared_ptr<const Folder> folder_;
  const uint64_t ticks_per_second_;

  GramQueue queue_;
  FilesInProgress files_;
  Comparisons comparisons_;
  Outcomes outcomes_;
  Receipts receipts_;
  std::vector<uint8_t> slice_;     // of one gram at a time
  std::optional<Verdict> ending_;  // the run is over once the receipts are out
  bool ended_ = false;
  uint64_t next_look_ = 0;  // TSC, for silent senders
  uint32_t receipt_seq_ = 0;

  Counter verified_;
  Counter bytes_;
  Counter refused_;
  Counter taken_over_;
  Counter receipts_sent_;
};

}  // namespace pfs
