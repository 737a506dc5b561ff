#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace pfs {

/// How one file of a run ended.
struct FileEnd {
  bool received = false;  ///< here, or else sent from here
  bool verified = false;
  uint64_t bytes = 0;  ///< as TransferResult has them
  uint64_t wire_bytes = 0;
  uint64_t referenced_bytes = 0;
  double begun = 0;  ///< seconds of any clock that all files of the run share
  double ended = 0;
  std::string file;
  std::string sha256;
};

/// What a transfer (or a generator's run) came to; for the report's `result`. Of several files: the sums.
struct TransferResult {
  bool present = false;
  bool verified = false;          ///< all of them
  uint64_t bytes = 0;             ///< denoted bytes delivered
  uint64_t wire_bytes = 0;        ///< Ethernet frame bytes that carried them, without FCS
  uint64_t referenced_bytes = 0;  ///< of bytes, those that came by reference
  double seconds = 0;             ///< first frame to verified
  std::string file;               ///< where it was put, or what was sent; of several the last
  std::string sha256;             ///< of the verified bytes, in hexadecimal; empty where nothing was verified
  std::optional<std::string> source_change;  ///< what changed in the file while it was sent; empty: nothing did
  uint64_t files_ended = 0;
  uint64_t files_verified = 0;
  std::vector<FileEnd> files;  ///< the last RunControl::kFilesListed that ended
};

/// Progress of transfers, for the terminal: bytes so far and in all (0: unknown).
struct Progress {
  std::atomic<uint64_t> bytes{0};
  std::atomic<uint64_t> total{0};
};

/// How stages tell the run that it is over, and how well. Any thread may call; the first exit code other than kDone
/// stays.
class RunControl {
 public:
  /// Ends the run: sources stop, peers are told, everything drains, then the process exits with `exit`. `why` goes to
  /// the log, once.
  void end(Exit exit, const std::string& why);
  /// A stage whose work has an end says so before the run begins, and says work_done() once it has come to that end.
  void expect_work() noexcept { works_.fetch_add(1); }
  /// As end(), but the run goes on until all such stages are done.
  void work_done(Exit exit, const std::string& why);
  /// The run is over for sources: they make nothing new. Frames still come in and leave until farewells are said.
  [[nodiscard]] bool stopping() const noexcept { return stopping_.load(std::memory_order_relaxed); }
  /// A stage that has peers to take leave of says so before the run begins, and says farewell() once it has.
  void expect_farewell() noexcept { farewells_.fetch_add(1); }
  void farewell() noexcept {
    if (farewells_.fetch_sub(1) == 1) ending_.store(true);
  }
  /// Nothing more is to come in: what is here drains.
  [[nodiscard]] bool ending() const noexcept { return ending_.load(std::memory_order_relaxed); }
  [[nodiscard]] const std::atomic<bool>& ending_flag() const noexcept { return ending_; }
  /// A drain that moves nothing: queues are abandoned (and counted) instead of drained.
  void abandon() noexcept {
    ending_.store(true);
    abandoned_.store(true, std::memory_order_relaxed);
  }
  [[nodiscard]] bool abandoned() const noexcept { return abandoned_.load(std::memory_order_relaxed); }
  /// The process's exit code. A run that would be done is kSourceChanged where set_source() told of a change.
  [[nodiscard]] Exit exit() const noexcept;

  /// A file has ended. Where files are received the result is of them, and of those that are sent otherwise: a process
  /// that does both sends to itself.
  void add_file(const FileEnd& file);
  static constexpr size_t kFilesListed = 1024;
  /// Whether the files that the stage at `place` sends are still what they were. `change` says what changed, in words;
  /// empty: nothing did. Of each stage the last call counts.
  void set_source(size_t place, const std::string& change);
  [[nodiscard]] TransferResult result() const;

  Progress sent;
  Progress received;

 private:
  std::atomic<bool> stopping_{false};
  std::atomic<uint32_t> works_{0};
  std::atomic<uint32_t> farewells_{0};
  std::atomic<bool> ending_{false};
  std::atomic<bool> abandoned_{false};
  std::atomic<Exit> exit_{Exit::kDone};
  mutable std::mutex mutex_;
  /// The files of one direction.
  struct Ended {
    TransferResult sum;
    double begun = 0;  // of the earliest
  };
  Ended sent_;
  Ended received_;
  std::map<size_t, std::string> source_changes_;  // by the stage's place
};

}  // namespace pfs
