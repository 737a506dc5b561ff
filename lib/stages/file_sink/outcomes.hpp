#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "stages/file_sink/file_sender.hpp"
#include "stages/file_sink/folder.hpp"
#include "stages/file_sink/incoming_file.hpp"

namespace pfs {

/// How the last files ended, so that what their senders still say, or say again, is understood. A verified file is the
/// same whoever sends it; a failed one failed for its sender only.
class Outcomes {
 public:
  static constexpr size_t kMost = 256;  ///< files that are remembered, of some 400 bytes each

  enum class Known {
    kNothing,   ///< the gram is of a file that has not been seen
    kVerified,  ///< its file is verified and in place
    kFailed     ///< its sender's file has failed
  };

  /// A file is in place as `mark` says.
  void verified(const FileIdentity& file, const std::string& name, const FileMark& mark);
  void failed(const FileIdentity& file, const FileSender& sender);

  /// What is known of a gram of `sender` for this file. A gram that begins a file which has failed, or which is no
  /// longer in place, begins anew: what was known is then forgotten. May ask the disk where `begins`.
  Known look_up(const Folder& folder, const FileUnit& unit, const FileSender& sender, bool begins);

 private:
  struct Outcome {
    FileIdentity file;
    FileSender sender;             // of a failed file
    std::optional<FileMark> mark;  // of a verified file
    std::string name;              // in the folder, of a verified file
  };
  void add(Outcome outcome);

  std::deque<Outcome> all_;
};

}  // namespace pfs
