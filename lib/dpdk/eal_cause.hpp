#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dpdk/eal_log.hpp"

namespace pfs {

/// Why something did not start, and what to do about it (empty where nobody knows).
struct Cause {
  std::string what;
  std::string remedy;
};

/// The cause that the lines of one attempt name. The first error that is no consequence of another is the cause, and
/// the last one is told beside it. Where no error stands, a line that drivers log more quietly counts if a table knows
/// its text. Nothing if no line tells of a fault.
std::optional<Cause> find_cause(std::span<const LogLine> lines);

/// What went on in spite of a warning or an error, as notes for whoever runs a pipeline; chatter is left out.
std::vector<std::string> warnings(std::span<const LogLine> lines);

/// What libraries wrote past EAL's log while EAL started (libbpf, a vendor's code), without what is EAL's own: its
/// complaints, which its log has as well, its usage text, and the stack of a panic.
std::string written_by_others(std::string_view printed);

/// A log line for a message of one line: without `EAL: ` and `function(): ` in front, its last full stop and control
/// characters.
std::string plain_text(std::string_view line);

/// True if the line tells nothing to whoever runs a pipeline, whatever its level.
bool is_chatter(std::string_view line);

}  // namespace pfs
