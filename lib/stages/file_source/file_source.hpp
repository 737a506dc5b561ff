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
#include "stages/file_source/input_file.hpp"
#include "stages/file_source/send_window.hpp"
#include "stages/gram_frames.hpp"
#include "stages/stage.hpp"

namespace pfs {

struct FileSourceConfig {
  uint16_t stream = 0;
  uint64_t gram_bytes = 256 << 10;  ///< denoted bytes a gram; a multiple of 64
  DigestKind digest = DigestKind::kCrc32c;
  bool prp = false;
  uint32_t window_pow2 = 16;
  uint32_t window = 1024;  ///< frames that may be unacknowledged
  uint64_t timeout_s = 10;
  uint8_t op = 0;
};

/// Sends a file as grams over the blob: references for the 64-byte blocks that the blob holds, literals for the rest.
/// With an op the stage is done when each gram has its RESULT; otherwise when the receiver's RECEIPT is there. Into a
/// session the stage gives as much as the session takes; without one it sends within a window, and nobody repairs. When
/// all is sent, and again at the end, the stage tells the run whether the file is still what it was when its SHA-256
/// was taken. Takes: frames that come back (ACK, RECEIPT, RESULT), where an edge brings them. Gives: frames. Owns: one
/// gram's frames, and as many mbufs as a gram can need. Drops: faulty answers by name, bare_unconfigured; stopped.
/// Thread: its lcore, which waits for the disk.
class FileSource final : public Stage {
 public:
  FileSource(const StageEnv& env, const FileSourceConfig& config, std::shared_ptr<const InputFile> file,
             const FileContents& contents, BlockIndex index);

  void take(void** items, uint32_t count) noexcept override;
  uint32_t poll(uint64_t now) noexcept override;
  bool drain(uint64_t now) noexcept override;
  [[nodiscard]] bool exhausted() const noexcept override;
  [[nodiscard]] uint64_t frames_in_flight() const noexcept override { return waiting_.get(); }
  [[nodiscard]] StageFigures figures() const override;

 private:
  bool prepare() noexcept;
  bool build_next(uint64_t now) noexcept;
  uint32_t send(uint64_t now) noexcept;
  void watch(uint64_t now) noexcept;
  void hear(const ReceiptUnit& receipt) noexcept;
  void count_results(const Answers& answers) noexcept;
  void conclude(bool verified, const std::string& why);
  std::string judge_source();
  void learn_peer(const rte_mbuf& frame) noexcept;
  void end(Exit exit, const std::string& why);
  [[nodiscard]] bool all_built() const noexcept { return begun_ && offset_ == file_.size(); }

  const BlobView blob_;
  Port& port_;
  RunControl& control_;
  const FileSourceConfig config_;
  const std::shared_ptr<const InputFile> file_holder_;
  const InputFile& file_;
  const FileContents contents_;  // as the first reading found them
  const FileUnit unit_;
  const bool answered_;  // an edge brings ACKs and the receipt
  const uint64_t ticks_per_second_;
  BlockIndex index_;
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
  bool in_session_ = false;  // what is given away arrives, in order, or the session ends
  SendWindow window_;
  AwaitedResults awaited_;
  std::vector<uint8_t> bytes_;
  std::vector<Descriptor> pieces_;
  uint64_t offset_ = 0;              // in the file, of the next gram
  Digest sent_{DigestKind::kCrc64};  // of the bytes of all grams so far
  bool begun_ = false;               // the first gram is built
  bool over_ = false;
  bool peer_known_;
  uint64_t first_sent_ = 0;  // TSC
  uint64_t heard_ = 0;       // TSC of the last progress that the receiver told of
  Counter waiting_;
  Counter referenced_;
  Counter literal_;
  Counter acknowledged_;
  Counter results_;
  Counter refused_;
};

}  // namespace pfs
