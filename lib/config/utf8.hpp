#pragma once

#include <cstddef>
#include <string_view>

namespace pfs {

/// What a configuration text may not hold, found before a parser sees it.
struct TextFault {
  const char* what = nullptr;  ///< null: the text is fine
  const char* hint = "";
  size_t offset = 0;  ///< bytes from the start
};

/// Looks for bytes that are not UTF-8, for control characters (NUL among them) and for tabs in an indentation.
TextFault find_text_fault(std::string_view text) noexcept;

}  // namespace pfs
