#include "base/log.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace pfs {

void log_line(std::string_view text) { fmt::print(stderr, "packetfs: {}\n", text); }

}  // namespace pfs
