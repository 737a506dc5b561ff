#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace pfs {

/// What a transfer (or a generator's run) came to; for the report's `result`.
struct TransferResult {
  bool present = false;
  bool verified = false;
  uint64_t bytes = 0;             ///< denoted bytes delivered
  uint64_t wire_bytes = 0;        ///< Ethernet frame bytes that carried them, without FCS
  uint64_t referenced_bytes = 0;  ///< of bytes, those that came by reference
  double seconds = 0;             ///< first frame to verified
  std::string file;               ///< where it was put, or what was sent
  std::string sha256;             ///< of the verified bytes, in hexadecimal; empty where nothing was verified
  std::optional<std::string> source_change;  ///< what changed in the file while it was sent; empty: nothing did
};

/// How stages tell the run that it is over, and how well. Any thread may call; the first exit code other than kDone
/// stays.
class RunControl {
 public:
  /// Ends the run: sources stop, peers are told, everything drains, then the process exits with `exit`. `why` goes to
  /// the log, once.
  void end(Exit exit, const std::string& why);
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

  void set_result(const TransferResult& result);
  /// Whether the file that is sent from here is still what it was. `change` says what changed, in words; empty: nothing
  /// did. The last call counts.
  void set_source(const std::string& change);
  [[nodiscard]] TransferResult result() const;

  /// Progress of a transfer, for the terminal: bytes so far and in all (0: unknown).
  std::atomic<uint64_t> progress_bytes{0};
  std::atomic<uint64_t> progress_total{0};

 private:
  std::atomic<bool> stopping_{false};
  std::atomic<uint32_t> farewells_{0};
  std::atomic<bool> ending_{false};
  std::atomic<bool> abandoned_{false};
  std::atomic<Exit> exit_{Exit::kDone};
  mutable std::mutex mutex_;
  TransferResult result_;
  std::optional<std::string> source_change_;
};

}  // namespace pfs
