#pragma once

#include <string_view>

namespace pfs {

/// One line on stderr, `packetfs: ` in front; control characters and line ends in `text` are escaped. For start-up and
/// the end of a run; never on the data path.
void log_line(std::string_view text);

}  // namespace pfs
