#include "base/log.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "base/escape.hpp"

namespace pfs {

void log_line(std::string_view text) { fmt::print(stderr, "packetfs: {}\n", escape(text)); }

}  // namespace pfs
