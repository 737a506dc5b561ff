#pragma once

#include <cstddef>
#include <string_view>

#include "config/node.hpp"

namespace pfs {

/// What a configuration text may not hold, found before a parser sees it.
struct TextFault {
  const char* what = nullptr;  ///< null: the text is fine
  const char* hint = "";
  size_t offset = 0;  ///< bytes from the start
};

/// Looks for control characters (NUL among them), for tabs in an indentation, and for bytes that are not UTF-8. Under
/// TextBytes::kAny such bytes are fine, save at the beginning, where YAML takes 0xFE and 0xFF for UTF-16.
TextFault find_text_fault(std::string_view text, TextBytes allowed) noexcept;

}  // namespace pfs
