#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "gram/gram.hpp"
#include "stages/file_sink/file_sender.hpp"
#include "stages/file_sink/incoming_file.hpp"

namespace pfs {

/// A file in progress: what is there of it, whose it is, and where its receipt goes.
struct FileInProgress {
  std::unique_ptr<IncomingFile> file;  ///< null: the place is free
  FileSender sender;
  Asker asker;                    ///< the last gram whose bytes are there, or the first one
  const Gram* writing = nullptr;  ///< the gram whose slices are being taken
  uint64_t begun = 0;             ///< TSC
  uint64_t heard = 0;             ///< TSC of the last gram
  uint64_t wire_bytes = 0;
  uint64_t referenced_bytes = 0;
  uint64_t counted = 0;  ///< of its bytes, in the progress that the terminal shows

  /// Whether the sender has said nothing for longer than `ticks`.
  [[nodiscard]] bool silent(uint64_t now, uint64_t ticks) const noexcept {
    return writing == nullptr && now > heard && now - heard > ticks;
  }
};

/// The files in progress, in a bounded table. A sender may have several. Entries stay where they are.
class FilesInProgress {
 public:
  explicit FilesInProgress(size_t max) : places_(max) {}

  /// The file that this sender calls by this name, size and SHA-256, or null.
  FileInProgress* find(const FileSender& sender, const FileUnit& unit) noexcept;
  /// The file that the gram is being written to, or null.
  FileInProgress* find(const Gram& writing) noexcept;
  /// The same file, of a sender that has been silent for `ticks`; or null.
  FileInProgress* find_abandoned(const FileUnit& unit, uint64_t now, uint64_t ticks) noexcept;

  /// How many of them come from the peer that has this sender.
  [[nodiscard]] size_t of_peer(const FileSender& sender) const noexcept;
  [[nodiscard]] bool full() const noexcept { return count_ == places_.size(); }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  /// A place for a file, which the caller fills. Only if not full.
  FileInProgress& add(std::unique_ptr<IncomingFile> file) noexcept;
  /// The file is gone, without a trace unless it was put in place.
  void remove(FileInProgress& entry) noexcept;

  /// All places, free ones too.
  [[nodiscard]] std::span<FileInProgress> places() noexcept { return places_; }

  /// The stage waited for the disk for so long: no sender was silent meanwhile.
  void excuse(uint64_t ticks) noexcept;

 private:
  std::vector<FileInProgress> places_;
  size_t count_ = 0;
};

}  // namespace pfs
