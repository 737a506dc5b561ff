#pragma once

#include <string>

namespace pfs {

/// Holds back what anything in this process writes to stdout and stderr, until stop() gives it.
class OutputCapture {
 public:
  OutputCapture();
  ~OutputCapture();
  OutputCapture(const OutputCapture&) = delete;
  OutputCapture& operator=(const OutputCapture&) = delete;

  /// Puts stdout and stderr back and returns what was written. Later calls return nothing.
  std::string stop();

 private:
  int held_ = -1;
  int stdout_ = -1;
  int stderr_ = -1;
};

}  // namespace pfs
