#include "dpdk/eal_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <rte_log.h>
#include <unistd.h>

#include <cstdio>
#include <deque>
#include <mutex>
#include <string_view>

#include "base/log.hpp"
#include "dpdk/eal_cause.hpp"

namespace pfs {
namespace {

constexpr size_t kMostLines = 4096;  // drivers log details while they start; the newest lines tell of a failure

/// What every thread that logs shares. It is never destroyed: DPDK's threads live until the process ends.
struct State {
  std::mutex mutex;
  std::deque<LogLine> kept;
  std::string unfinished;  // a line whose end has not come yet
  bool keeping = true;
  bool print_all = false;
  int console = -1;  // standard error as it was at the start, whatever holds back output now
};

State& state() {
  static State* const kState = new State();
  return *kState;
}

thread_local bool shown_later = false;

void print_now(std::string_view line) {
  const std::string text = fmt::format("{}\n", line);
  if (write(state().console, text.data(), text.size()) < 0) return;  // there is nobody left to tell
}

/// A whole line has come. `mutex` is held.
void accept(State& log, std::string line) {
  const auto level = static_cast<uint32_t>(rte_log_cur_msg_loglevel());
  if (log.print_all || (level <= RTE_LOG_CRIT && !shown_later)) {
    print_now(line);
  } else if (!log.keeping && level <= RTE_LOG_WARNING && !is_chatter(line)) {
    log_line("note: " + plain_text(line));
  }
  if (!log.keeping) return;
  if (log.kept.size() == kMostLines) log.kept.pop_front();
  log.kept.push_back({level, std::move(line)});
}

/// The write function of the stream that DPDK logs to.
ssize_t take(void* /*cookie*/, const char* text, size_t bytes) {
  State& log = state();
  const std::scoped_lock lock(log.mutex);
  for (const char letter : std::string_view(text, bytes)) {
    if (letter != '\n') {
      log.unfinished += letter;
      continue;
    }
    accept(log, std::move(log.unfinished));
    log.unfinished.clear();
  }
  return static_cast<ssize_t>(bytes);
}

}  // namespace

void open_eal_log(bool print_all) {
  State& log = state();
  log.print_all = print_all;
  log.console = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  FILE* const stream = fopencookie(nullptr, "w", {.read = nullptr, .write = take, .seek = nullptr, .close = nullptr});
  if (stream != nullptr) rte_openlog_stream(stream);
}

std::vector<LogLine> take_eal_lines() {
  State& log = state();
  const std::scoped_lock lock(log.mutex);
  std::vector<LogLine> lines(log.kept.begin(), log.kept.end());
  log.kept.clear();
  return lines;
}

void pass_eal_lines_on() {
  State& log = state();
  if (!log.print_all) rte_log_set_level_pattern("pmd.*", RTE_LOG_NOTICE);
  const std::scoped_lock lock(log.mutex);
  log.kept.clear();
  log.keeping = false;
}

ShownLater::ShownLater() { shown_later = true; }

ShownLater::~ShownLater() { shown_later = false; }

}  // namespace pfs
