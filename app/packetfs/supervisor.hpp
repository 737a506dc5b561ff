#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "options.hpp"
#include "runtime/engine.hpp"
#include "runtime/statistics.hpp"

namespace pfs {

/// Watches a run from a thread of its own: signals, --duration, --stats-period, a transfer's progress on a terminal.
class Supervisor {
 public:
  Supervisor(Engine& engine, const Options& options);
  ~Supervisor() { stop(); }
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// Ends the watching, prints the last statistics; returns the seconds the run took.
  double stop();

 private:
  void watch();
  void show_progress(double seconds);
  [[nodiscard]] double seconds() const;

  Engine& engine_;
  const Options& options_;
  Statistics statistics_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  bool terminal_;
  bool stopping_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace pfs
