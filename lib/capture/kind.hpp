#pragma once

#include "base/input.hpp"
#include "base/result.hpp"

namespace pfs {

/// The kind of a file that may be a capture. Its first bytes tell it, never its name.
enum class FileKind { kEmpty, kPcap, kPcapng, kJson, kCompressed, kUnknown };

/// Looks at the file's first bytes and takes none. Error if the file cannot be read.
Result<FileKind> tell_kind(Input& input);

/// The error that says what the file is where `wanted` ("a capture") was asked for, and what to do about it.
Error wrong_kind(Input& input, const char* wanted);

}  // namespace pfs
