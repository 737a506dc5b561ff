#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pfs {

/// A line that EAL or a driver logged, without its end. `level` is DPDK's: 1 emergency, 4 error, 5 warning, 8 debug.
struct LogLine {
  uint32_t level = 0;
  std::string text;
};

/// Takes EAL's log over for the rest of the process: lines are kept for take_eal_lines() instead of printed. A line of
/// level critical or worse (a panic's) is printed at once as well, unless a ShownLater of the calling thread lives.
/// With `print_all` every line is printed at once, as EAL would.
void open_eal_log(bool print_all);

/// Lines kept since the last call, oldest first; of very many the newest.
std::vector<LogLine> take_eal_lines();

/// From now on nothing is kept: warnings and worse become notes of ours at once, and drivers log no details.
void pass_eal_lines_on();

/// While it lives, the thread that made it finds its own panics' text in take_eal_lines().
class ShownLater {
 public:
  ShownLater();
  ~ShownLater();
  ShownLater(const ShownLater&) = delete;
  ShownLater& operator=(const ShownLater&) = delete;
};

}  // namespace pfs
