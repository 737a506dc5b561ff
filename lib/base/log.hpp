#pragma once

#include <string_view>

namespace pfs {

/// Prints one line on standard error, with `packetfs: ` in front; control characters and line ends in `text` are
/// escaped. The call waits for no reader while a Printer lives. It is for start-up and the end of a run, never for the
/// data path.
void log_line(std::string_view text);

}  // namespace pfs
