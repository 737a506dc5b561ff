#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "blob/denote_file.hpp"
#include "blob/index.hpp"
#include "gram/building/builder.hpp"
#include "gram/digest.hpp"
#include "stages/answers.hpp"
#include "stages/file_source/outgoing_file.hpp"
#include "stages/gram_frames.hpp"
#include "stages/stage.hpp"

namespace pfs {

struct FileSourceConfig {
  uint16_t stream = 0;
  uint64_t gram_bytes = 256 << 10;  ///< denoted bytes a gram; a multiple of 64
  DigestKind digest = DigestKind::kCrc32c;
  bool prp = false;
  uint32_t window_pow2 = 16;
  uint64_t timeout_s = 10;
  uint8_t op = 0;
};

/// Sends files, one after the other, as grams over the blob: references for the 64-byte blocks that the blob holds,
/// literals for the rest. With an op a file is done when each of its grams has its RESULT; otherwise when the
/// receiver's RECEIPT is there, which may come before all is sent if the receiver has the file. Where nothing comes
/// back the next file follows at once. The run ends when all stages that send files are done. Into a session the stage
/// gives as much as the session takes; without one it sends within a window, and nobody repairs. When all of a file is
/// sent, and again at its end, the stage tells the run whether the file is still what it was when its SHA-256 was
/// taken. Takes: frames that come back (RECEIPT, RESULT), where an edge brings them. Gives: frames. Owns: one
/// gram's frames, and as many mbufs as a gram can need. Drops: faulty answers by name, bare_unconfigured; stopped.
/// Thread: its lcore, which waits for the disk.
class FileSource final : public Stage {
 public:
  /// `files`: one at least.
  FileSource(const StageEnv& env, const FileSourceConfig& config, std::shared_ptr<const std::vector<KnownFile>> files,
             std::shared_ptr<const BlockIndex> index);

  void take(void** items, uint32_t count) noexcept override;
  uint32_t poll(uint64_t now) noexcept override;
  bool drain(uint64_t now) noexcept override;
  [[nodiscard]] bool exhausted() const noexcept override;
  [[nodiscard]] uint64_t frames_in_flight() const noexcept override { return waiting_.get(); }
  [[nodiscard]] StageFigures figures() const override;

 private:
  bool prepare() noexcept;
  void forget_sent();
  bool build_next(uint64_t now) noexcept;
  uint32_t send(uint64_t now) noexcept;
  void watch(uint64_t now) noexcept;
  void hear(const Answers& answers) noexcept;
  void count_results(const Answers& answers) noexcept;
  void conclude(bool verified, const std::string& why);
  void fail(Exit exit, const std::string& why);
  void tell_end(bool verified);
  void begin_file(size_t place);
  std::string judge_source();
  [[nodiscard]] bool is_last() const noexcept { return place_ + 1 == files_->size(); }
  [[nodiscard]] bool all_built() const noexcept { return file_->all_read(); }
  [[nodiscard]] uint64_t results_of_file() const noexcept;
  [[nodiscard]] uint32_t grams_of_file() const noexcept { return building_->builder.next_gram() - before_.grams; }

  const BlobView blob_;
  RunControl& control_;
  const FileSourceConfig config_;
  const std::shared_ptr<const std::vector<KnownFile>> files_;
  const bool answered_;  // an edge brings the receipt
  const uint64_t ticks_per_second_;
  const std::shared_ptr<const BlockIndex> index_;
  FileDenoter denoter_;
  const StageEnv env_;
  /// What builds frames, made when it is known how long a frame may be.
  struct Building {
    Building(const BuilderConfig& config, const BlobView& blob, const StageEnv& env, uint32_t frames_max)
        : builder(config, blob), frames(env, frames_max) {}
    GramBuilder builder;
    GramFrames frames;
  };
  std::optional<Building> building_;
  uint32_t epoch_ = 0;       // of building_
  bool in_session_ = false;  // what is given away arrives, in order, or the session ends
  AwaitedResults awaited_;
  std::vector<uint8_t> bytes_;
  std::vector<Descriptor> pieces_;
  size_t place_ = 0;                  // of the file in progress
  std::optional<OutgoingFile> file_;  // the one in progress, always there
  /// What had been counted when the file in progress began.
  struct Before {
    uint32_t grams = 0;
    uint64_t frames = 0;
    uint64_t wire_bytes = 0;
    uint64_t referenced_bytes = 0;
    uint64_t results = 0;
    uint64_t refused = 0;
  } before_;
  std::string changes_;      // what changed in the files before
  Exit exit_ = Exit::kDone;  // of the files before
  bool over_ = false;
  uint64_t first_sent_ = 0;  // TSC, of the file in progress
  uint64_t heard_ = 0;       // TSC of the last progress that the receiver told of
  Counter waiting_;
  Counter referenced_;
  Counter literal_;
  Counter results_;
  Counter refused_;
};

}  // namespace pfs
