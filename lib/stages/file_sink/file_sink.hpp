#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "gram/gram.hpp"
#include "gram/verifier.hpp"
#include "stages/file_sink/folder.hpp"
#include "stages/file_sink/incoming_file.hpp"
#include "stages/file_sink/repeater.hpp"
#include "stages/gram_queue.hpp"
#include "stages/reply.hpp"
#include "stages/stage.hpp"

namespace pfs {

struct FileSinkConfig {
  IncomingConfig incoming;
  uint64_t timeout_s = 10;
  uint64_t linger_ms = 500;
  bool once = true;
};

/// Puts files together from grams that name a file and a place in it. The stage writes every denoted byte at its place,
/// compares the whole file with the sender's SHA-256 and gives the file its name only then.
/// Takes: grams. Gives: RECEIPT frames to the sender, where it has an edge to tx. Owns: the unfinished file, and the
/// grams that wait to be written. Drops: digest_mismatch; unwanted (no FILE unit, an op, another file, another peer's
/// word on the file, beyond the end); duplicate; over_limit; stopped (the disk refused, or the run ended). Thread: its
/// lcore, which waits for the disk.
class FileSink final : public Stage, private GramWork {
 public:
  FileSink(const StageEnv& env, const FileSinkConfig& config, std::shared_ptr<const Folder> folder);

  void take(void** items, uint32_t count) noexcept override;
  uint32_t poll(uint64_t now) noexcept override;
  bool drain(uint64_t now) noexcept override;
  [[nodiscard]] uint64_t frames_in_flight() const noexcept override { return queue_.frames(); }
  [[nodiscard]] StageFigures figures() const override;

 private:
  /// How a file ended, as the log and the exit code tell it.
  struct Verdict {
    Exit exit = Exit::kDone;
    std::string why;
  };

  Step work(Gram& gram, bool good, uint64_t bytes) noexcept override;
  bool give_up(Gram& gram) noexcept override;
  Step settle(const Gram& gram, Drop fate) noexcept;
  Drop begin_gram(const Gram& gram, uint64_t now);
  void book(const Gram& gram) noexcept;
  bool begin(const Gram& gram, uint64_t now);
  void finish(uint64_t now);
  void give_up(const FileIdentity& identity, const Error& error, uint64_t now);
  void conclude(FileIdentity identity, Verdict verdict, uint64_t now);
  void report(bool verified, uint64_t now);
  void send_receipt() noexcept;
  [[nodiscard]] bool link_is_down() const noexcept;
  void end_run();

  const BlobView blob_;
  Replies replies_;
  RunControl& control_;
  const FileSinkConfig config_;
  const std::shared_ptr<const Folder> folder_;
  const uint64_t ticks_per_second_;

  GramQueue queue_;
  std::unique_ptr<IncomingFile> file_;  // the one in progress
  Source source_;                       // who began the file, at the port of sender_
  const Gram* writing_ = nullptr;       // the gram whose slices are being taken
  std::optional<FileIdentity> last_;    // the file before, and how it ended
  bool last_verified_ = false;
  std::optional<Verdict> ending_;  // the run is over once the receipts are out
  bool ended_ = false;
  uint64_t begun_ = 0;  // TSC
  uint64_t heard_ = 0;  // TSC of the last gram of the file
  uint64_t wire_bytes_ = 0;
  uint64_t referenced_bytes_ = 0;

  Repeater receipt_;
  std::array<uint8_t, extension_bytes(kReceiptFixedBytes)> receipt_unit_{};
  uint32_t receipt_seq_ = 0;
  ReplyPath sender_;  // of the last gram of the file
  uint16_t stream_ = 0;
  uint32_t gram_ = 0;

  Counter files_;
  Counter bytes_;
  Counter receipts_;
};

}  // namespace pfs
