#include "supervisor.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "base/log.hpp"
#include "base/printer.hpp"
#include "base/units.hpp"
#include "signals.hpp"

namespace pfs {
namespace {

constexpr auto kLook = std::chrono::milliseconds(20);  // how late a signal or the end of --duration may be noticed
constexpr double kProgressSeconds = 0.2;
constexpr double kDeviceSeconds = 0.25;  // between two looks whether the devices are there
constexpr double kStallSeconds = 30;     // longer than a disk takes to bring a file home

}  // namespace

bool StallWatch::stalled(uint64_t moved, double seconds) noexcept {
  if (moved != moved_ || since_ == 0) {
    moved_ = moved;
    since_ = seconds;
  }
  return seconds - since_ > kStallSeconds;
}

Supervisor::Supervisor(Engine& engine, const Options& options)
    : engine_(engine), options_(options), terminal_(isatty(STDERR_FILENO) != 0), thread_([this] { watch(); }) {}

void Supervisor::begin() {
  const std::scoped_lock lock(mutex_);
  start_ = std::chrono::steady_clock::now();
  statistics_.emplace(engine_, options_.xstats);
  for (const Port& port : engine_.ports())
    devices_.push_back({.presence = PortPresence(port), .gone_since = {}, .refusal = {}});
  running_ = true;
}

double Supervisor::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void Supervisor::watch() {
  double next_stats = options_.stats_period;
  double next_progress = kProgressSeconds;
  double next_device = kDeviceSeconds;
  RunControl& control = engine_.control();
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kLook, [this] { return stopping_; })) {
    if (signals_caught() > 0 && !control.stopping()) control.end(Exit::kDone, running_ ? "interrupted; draining" : "");
    if (!running_) continue;
    const double now = seconds();
    statistics_->look();
    if (options_.duration > 0 && now >= options_.duration && !control.stopping()) control.end(Exit::kDone, "");
    if (control.stopping() && !control.abandoned() && stall_.stalled(engine_.ledger().left(), now)) {
      control.end(Exit::kFailed,
                  fmt::format("the drain moved nothing for {} s; what is left is given up", kStallSeconds));
      control.abandon();
    }
    if (now >= next_device && !control.ending()) {
      look_for_devices(now);
      engine_.look_outside();
      next_device = now + kDeviceSeconds;
    }
    if (options_.stats_period > 0 && now >= next_stats) {
      statistics_->print(now);
      next_stats += options_.stats_period;
    }
    if (terminal_ && now >= next_progress) {
      show_progress(now);
      next_progress = now + kProgressSeconds;
    }
  }
}

void Supervisor::look_for_devices(double seconds) {
  for (size_t i = 0; i < devices_.size(); ++i) {
    if (devices_[i].gone_since) {
      look_for_return(i, seconds);
      continue;
    }
    const std::string missing = devices_[i].presence.missing();
    if (missing.empty()) continue;
    const Port& port = engine_.ports()[i];
    const std::string what = fmt::format("port '{}' ({}): {}", port.name, port.device, missing);
    if (port.config.link == PortConfig::Link::kEnd) {
      engine_.control().end(Exit::kDeviceGone, what + "; draining");
    } else {
      engine_.pause_port(i);
      devices_[i].gone_since = seconds;
      log_line(what + "; waiting for it");
    }
  }
}

void Supervisor::look_for_return(size_t index, double seconds) {
  Device& device = devices_[index];
  if (!device.presence.has_namesake() || !engine_.is_port_idle(index)) return;
  const Port& port = engine_.ports()[index];
  if (auto resumed = engine_.resume_port(index); !resumed) {
    if (device.refusal != resumed.error().line()) log_line(resumed.error().line() + "; trying again");
    device.refusal = resumed.error().line();
    return;
  }
  log_line(fmt::format("port '{}' ({}): the interface '{}' below it is there again after {:.1f} s", port.name,
                       port.device, device.presence.interface_name(), seconds - *device.gone_since));
  device = {.presence = PortPresence(port), .gone_since = {}, .refusal = {}};
}

void Supervisor::show_progress(double seconds) {
  const RunControl& control = engine_.control();
  const Progress& progress = control.received.total.load() != 0 ? control.received : control.sent;
  const uint64_t total = progress.total.load();
  const uint64_t done = progress.bytes.load();
  if (total == 0) return;
  print(Stream::kError,
        fmt::format("\r  {:>5.1f} %  {} of {}  {:.2f} GB/s\033[K{}",
                    100.0 * static_cast<double>(done) / static_cast<double>(total), format_bytes(done),
                    format_bytes(total), static_cast<double>(done) / seconds / 1e9, done == total ? "\n" : ""));
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
  if (running_) statistics_->print_final(took);
  return took;
}

}  // namespace pfs
