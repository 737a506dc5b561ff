#include "base/log.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"
#include "base/printer.hpp"

namespace pfs {

void log_line(std::string_view text) { print(Stream::kError, fmt::format("packetfs: {}\n", escape(text))); }

}  // namespace pfs
