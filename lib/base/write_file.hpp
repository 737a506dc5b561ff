#pragma once

#include <string>

#include "base/result.hpp"

namespace pfs {

/// Writes a text file whole or not at all: under an unpredictable name in the same folder, then renamed to `path`.
/// A symbolic link at `path` is replaced and never followed to another file. A device or a pipe is written directly;
/// a link leads there only if root or this user made the link, as /dev/stdout is.
Result<void> write_file(const std::string& path, const std::string& text);

/// Checks, without a trace, that write_file() may succeed later. Errors: the folder is absent or not writable, the path
/// is a folder, the name is longer than its filesystem allows.
Result<void> check_writable(const std::string& path);

}  // namespace pfs
