#include "base/printer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

namespace pfs {
namespace {

constexpr size_t kWaitingBytes = 256 << 10;  // a stream; the statistics of 256 stages are 40 KiB
constexpr size_t kWriteBytes = 4096;         // PIPE_BUF: a pipe that poll() calls writable takes so many at once

uint64_t lines_in(std::string_view text) noexcept {
  return std::max<uint64_t>(1, static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n')));
}

/// One write. Returns the bytes taken, 0 to try again, or -1 when nobody will ever read.
ssize_t write_some(int descriptor, std::string_view text) noexcept {
  const ssize_t wrote = write(descriptor, text.data(), std::min(text.size(), kWriteBytes));
  return wrote < 0 && (errno == EINTR || errno == EAGAIN) ? 0 : wrote;
}

/// A stream with what waits to be written to it.
struct Queue {
  struct Entry {
    std::string text;
    uint64_t lines;  // that are lost with this entry; of a note, those that the note tells of
    uint64_t order;  // among the entries of both streams
  };
  int descriptor = -1;
  std::deque<Entry> waiting;
  size_t written = 0;  // bytes of the first entry
  size_t bytes = 0;    // of all that waits
  uint64_t lost = 0;   // lines dropped in front of the first entry that is not begun
  bool begun = false;  // the first entry is being written, or was in part
  bool dead = false;   // nobody will ever read

  [[nodiscard]] uint64_t lines() const noexcept {
    uint64_t sum = lost;
    for (const Entry& entry : waiting) sum += entry.lines;
    return sum;
  }
};

std::mutex active_mutex;
std::shared_ptr<Printer::State> active;

}  // namespace

class Printer::State {
 public:
  State(int out, int error) : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    // Copies: what EAL prints is captured by turning 1 and 2 elsewhere for a while.
    queues_[0].descriptor = fcntl(out, F_DUPFD_CLOEXEC, 3);
    queues_[1].descriptor = fcntl(error, F_DUPFD_CLOEXEC, 3);
    for (Queue& queue : queues_) queue.dead = queue.descriptor < 0;
  }
  ~State() {
    for (const Queue& queue : queues_)
      if (queue.descriptor >= 0) close(queue.descriptor);
    close(wake_);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void add(Stream stream, std::string text) {
    if (text.empty()) return;
    const std::scoped_lock lock(mutex_);
    Queue& queue = queues_[stream == Stream::kOut ? 0 : 1];
    if (queue.dead) return;
    // One text may be longer than the bound: then it is all that waits.
    while (queue.bytes + text.size() > kWaitingBytes && drop_oldest(queue)) {
    }
    const uint64_t lines = lines_in(text);
    queue.bytes += text.size();
    queue.waiting.push_back({std::move(text), lines, order_++});
    wake();
  }

  /// The thread: writes until end() and nothing waits any more.
  void run() {
    std::array<pollfd, 3> looks{};
    while (look_for(looks)) {
      if (poll(looks.data(), looks.size(), -1) < 0) continue;
      uint64_t news = 0;
      (void)!read(wake_, &news, sizeof news);
      write_first(looks);
    }
  }

  /// Waits until nothing is left, or nothing has moved for `patience`; then gives up what is left. Returns how many
  /// lines that were, by stream.
  std::array<uint64_t, 2> settle(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    const auto empty = [this] { return queues_[0].waiting.empty() && queues_[1].waiting.empty(); };
    const auto end = std::chrono::steady_clock::now() + 4 * patience;
    while (!empty() && std::chrono::steady_clock::now() < end) {
      const uint64_t before = moved_;
      if (!progress_.wait_for(lock, patience, [&] { return moved_ != before || empty(); })) break;
    }
    std::array<uint64_t, 2> left{};
    for (size_t i = 0; i < queues_.size(); ++i) {
      left[i] = queues_[i].lines();
      if (left[i] != 0) forget(queues_[i]);
    }
    return left;
  }

  void end() {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
    wake();
  }

 private:
  /// False if no entry but one that is begun is left.
  static bool drop_oldest(Queue& queue) {
    const size_t oldest = queue.begun ? 1 : 0;
    if (queue.waiting.size() <= oldest) return false;
    const auto entry = queue.waiting.begin() + static_cast<std::ptrdiff_t>(oldest);
    queue.lost += entry->lines;
    queue.bytes -= entry->text.size();
    queue.waiting.erase(entry);
    return true;
  }

  /// Puts a note in place of the lines that were dropped, and says that the first entry is begun.
  static void begin_first(Queue& queue) {
    if (queue.begun) return;
    queue.begun = true;
    const uint64_t lost = std::exchange(queue.lost, 0);
    if (lost == 0) return;
    const uint64_t order = queue.waiting[0].order;
    std::string note = fmt::format("packetfs: {} lines are left out here, because nobody read in time\n", lost);
    queue.bytes += note.size();
    queue.waiting.push_front({std::move(note), lost, order});
  }

  void wake() const noexcept {
    const uint64_t one = 1;
    (void)!write(wake_, &one, sizeof one);
  }

  /// What to poll for: news, and room in each stream for which text waits. False at the end.
  bool look_for(std::array<pollfd, 3>& looks) {
    const std::scoped_lock lock(mutex_);
    bool any = false;
    for (size_t i = 0; i < queues_.size(); ++i) {
      const bool waits = !queues_[i].waiting.empty();
      looks[i] = {.fd = waits ? queues_[i].descriptor : -1, .events = POLLOUT, .revents = 0};
      any |= waits;
    }
    looks[2] = {.fd = wake_, .events = POLLIN, .revents = 0};
    return any || !ending_;
  }

  /// Writes a piece of the oldest entry whose stream can take it.
  void write_first(const std::array<pollfd, 3>& looks) {
    Queue* first = nullptr;
    std::array<char, kWriteBytes> piece;
    size_t bytes = 0;
    {
      const std::scoped_lock lock(mutex_);
      for (size_t i = 0; i < queues_.size(); ++i)
        if (looks[i].revents != 0 && !queues_[i].waiting.empty() &&
            (first == nullptr || queues_[i].waiting[0].order < first->waiting[0].order))
          first = &queues_[i];
      if (first == nullptr) return;
      begin_first(*first);
      bytes = first->waiting[0].text.copy(piece.data(), piece.size(), first->written);
    }
    const ssize_t wrote = write_some(first->descriptor, {piece.data(), bytes});
    const std::scoped_lock lock(mutex_);
    if (first->dead) return;  // given up meanwhile
    if (wrote < 0)
      forget(*first);
    else
      took(*first, static_cast<size_t>(wrote));
    ++moved_;
    progress_.notify_all();
  }

  static void took(Queue& queue, size_t bytes) {
    queue.bytes -= bytes;
    queue.written += bytes;
    if (queue.written < queue.waiting[0].text.size()) return;
    queue.waiting.pop_front();
    queue.written = 0;
    queue.begun = false;
  }

  static void forget(Queue& queue) {
    queue.dead = true;
    queue.waiting.clear();
    queue.written = queue.bytes = queue.lost = 0;
    queue.begun = false;
  }

  std::mutex mutex_;
  std::condition_variable progress_;
  std::array<Queue, 2> queues_;  // standard output, standard error
  int wake_;                     // an eventfd
  uint64_t order_ = 0;
  uint64_t moved_ = 0;  // writes so far
  bool ending_ = false;
};

void print(Stream stream, std::string text) {
  std::shared_ptr<Printer::State> printer;
  {
    const std::scoped_lock lock(active_mutex);
    printer = active;
  }
  if (printer) return printer->add(stream, std::move(text));
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t wrote = write_some(stream == Stream::kOut ? STDOUT_FILENO : STDERR_FILENO, left);
    if (wrote < 0) return;
    left.remove_prefix(static_cast<size_t>(wrote));
  }
}

Printer::Printer(int out, int error, std::chrono::milliseconds patience)
    : state_(std::make_shared<State>(out, error)), patience_(patience) {
  std::thread([state = state_] { state->run(); }).detach();
  const std::scoped_lock lock(active_mutex);
  active = state_;
}

Printer::~Printer() {
  {
    const std::scoped_lock lock(active_mutex);
    active.reset();
  }
  const auto [out, error] = state_->settle(patience_);
  if (out != 0) {
    state_->add(Stream::kError,
                fmt::format("packetfs: {} lines are missing on standard output, because nobody read them\n", out));
    state_->settle(patience_);
  } else if (error != 0) {
    state_->add(Stream::kOut,
                fmt::format("packetfs: {} lines are missing on standard error, because nobody read them\n", error));
    state_->settle(patience_);
  }
  state_->end();
}

void open_standard_streams() noexcept {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor)
    if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF) (void)!open("/dev/null", O_RDWR);  // takes the lowest number
}

}  // namespace pfs
