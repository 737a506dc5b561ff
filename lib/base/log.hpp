#pragma once

#include <string_view>

namespace pfs {

/// Prints one line on standard error, with `packetfs: ` in front; control characters and line ends in `text` are
/// escaped. Waits for no reader while a Printer lives. For start-up and the end of a run; never on the data path.
void log_line(std::string_view text);

}  // namespace pfs
