#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pfs {

/// Makes text that a stranger wrote harmless for a terminal and keeps it on one line. Control characters and bytes that
/// are not UTF-8 become `\x1b`; C1 controls, line separators and characters that reorder a line become `\u{202e}`. All
/// other text stays as it is, so escaping twice changes nothing. A backslash of the text's own stays as well: where the
/// text must be told from its escapes, quote() does that.
std::string escape(std::string_view text);

constexpr size_t kQuotedBytes = 60;  // what a value may take of a one-line message

/// `'text'` for a message: escaped as by escape(), with `\\` and `\'` for a backslash and a quote, so that the reader
/// knows what was there and where it ends. Text whose escaped form is longer than `limit` bytes is cut and ends in
/// `...`.
std::string quote(std::string_view text, size_t limit = kQuotedBytes);

/// Bytes of the UTF-8 character at `at`, or 0 if there is none (RFC 3629: no overlong form, no surrogate, nothing above
/// U+10FFFF).
size_t utf8_bytes(std::string_view text, size_t at) noexcept;

}  // namespace pfs
