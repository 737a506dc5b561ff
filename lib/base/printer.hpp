#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace pfs {

enum class Stream { kOut, kError };

/// Prints `text` on standard output or standard error. While a Printer lives, the text only joins its queue, and the
/// caller never waits for whoever reads; without one, the text is written at once. Any thread may call.
void print(Stream stream, std::string text);

/// Opens /dev/null where standard input, output or error is closed, so that no file of ours gets its number and is
/// then written over by what is meant to be printed. Call it before anything is opened.
void open_standard_streams() noexcept;

/// Writes what the process prints from a thread of its own, in the order of the calls. A reader that stops (a full
/// pipe, a terminal under Ctrl-S) holds that thread only. Each stream keeps what waits up to a bound; beyond it the
/// oldest texts are dropped, so that the last words of a run stay, and the number of their lines is printed in their
/// place. One a process, made before the lcores are pinned.
class Printer {
 public:
  static constexpr std::chrono::milliseconds kPatience{500};

  /// `out` and `error`: where the streams lead; the Printer keeps copies of them. `patience`: see the destructor.
  explicit Printer(int out = 1, int error = 2, std::chrono::milliseconds patience = kPatience);
  /// Waits until everything is written, or until no byte has been taken for as long as the patience lasts, and four
  /// times that long in all. Then what is left is given up, and the other stream says how many lines that were.
  ~Printer();
  Printer(const Printer&) = delete;
  Printer& operator=(const Printer&) = delete;

  class State;

 private:
  std::shared_ptr<State> state_;  // the thread's as well, which may outlive this object in a write that never ends
  std::chrono::milliseconds patience_;
};

}  // namespace pfs
