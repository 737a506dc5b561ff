#include "supervisor.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "base/units.hpp"
#include "signals.hpp"

namespace pfs {
namespace {

constexpr auto kLook = std::chrono::milliseconds(20);  // how late a signal or the end of --duration may be noticed
constexpr double kProgressSeconds = 0.2;

}  // namespace

Supervisor::Supervisor(Engine& engine, const Options& options)
    : engine_(engine),
      options_(options),
      statistics_(engine, options.xstats),
      terminal_(isatty(STDERR_FILENO) != 0),
      thread_([this] { watch(); }) {}

double Supervisor::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void Supervisor::watch() {
  double next_stats = options_.stats_period;
  double next_progress = kProgressSeconds;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kLook, [this] { return stopping_; })) {
    const double now = seconds();
    if (signals_caught() > 0 && !engine_.control().ending())
      engine_.control().end(Exit::kDone, "interrupted; draining");
    if (options_.duration > 0 && now >= options_.duration) engine_.control().end(Exit::kDone, "");
    if (options_.stats_period > 0 && now >= next_stats) {
      statistics_.print(now);
      next_stats += options_.stats_period;
    }
    if (terminal_ && now >= next_progress) {
      show_progress(now);
      next_progress = now + kProgressSeconds;
    }
  }
}

void Supervisor::show_progress(double seconds) {
  const uint64_t total = engine_.control().progress_total.load();
  const uint64_t done = engine_.control().progress_bytes.load();
  if (total == 0) return;
  fmt::print(stderr, "\r  {:>5.1f} %  {} of {}  {:.2f} GB/s\033[K{}",
             100.0 * static_cast<double>(done) / static_cast<double>(total), format_bytes(done), format_bytes(total),
             static_cast<double>(done) / seconds / 1e9, done == total ? "\n" : "");
  if (done == total) terminal_ = false;
}

double Supervisor::stop() {
  if (!thread_.joinable()) return seconds();
  const double took = seconds();
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  statistics_.print_final(took);
  return took;
}

}  // namespace pfs
