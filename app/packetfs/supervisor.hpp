#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "dpdk/port_presence.hpp"
#include "options.hpp"
#include "runtime/engine.hpp"
#include "runtime/statistics.hpp"

namespace pfs {

/// Notices that a drain moves nothing any more.
class StallWatch {
 public:
  /// `moved` is any number that grows while frames move. Returns true once the number has stood still for too long.
  bool stalled(uint64_t moved, double seconds) noexcept;

 private:
  uint64_t moved_ = 0;
  double since_ = 0;
};

/// Watches a run from a thread of its own: signals, --duration, --stats-period, devices that disappear, a transfer's
/// progress on a terminal.
class Supervisor {
 public:
  Supervisor(Engine& engine, const Options& options);
  ~Supervisor() { stop(); }
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// The run begins: its time counts from here, and statistics can be printed. Until then only signals are watched.
  void begin();

  /// Ends the watching, prints the last statistics; returns the seconds the run took.
  double stop();

 private:
  void watch();
  void look_for_devices(double seconds);
  void look_for_return(size_t index, double seconds);
  void show_progress(double seconds);
  [[nodiscard]] double seconds() const;

  Engine& engine_;
  const Options& options_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  bool terminal_;
  bool running_ = false;
  bool stopping_ = false;
  std::optional<Statistics> statistics_;  // once the ports are up
  struct Device {
    PortPresence presence;
    std::optional<double> gone_since;  // seconds; while the run waits for the device
    std::string refusal;               // why the device did not come back, as it was last said
  };
  std::vector<Device> devices_;  // of the engine's ports, in their order
  StallWatch stall_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace pfs
