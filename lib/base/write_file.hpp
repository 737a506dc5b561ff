#pragma once

#include <string>

#include "base/result.hpp"

namespace pfs {

/// Writes a text file whole or not at all: beside `path`, then renamed over it. A device or pipe is written directly.
Result<void> write_file(const std::string& path, const std::string& text);

}  // namespace pfs
