#include "config/utf8.hpp"

#include <algorithm>
#include <cstdint>

#include "base/escape.hpp"

namespace pfs {

TextFault find_text_fault(std::string_view text, TextBytes allowed) noexcept {
  bool indentation = true;
  for (size_t at = 0; at < text.size();) {
    const auto first = static_cast<uint8_t>(text[at]);
    size_t bytes = utf8_bytes(text, at);
    if (bytes == 0 && allowed == TextBytes::kUtf8) return {"a byte that is not UTF-8", "save the file as UTF-8", at};
    if (bytes == 0 && at == 0 && first >= 0xFE)
      return {"a first byte that stands for UTF-16", "a path may begin with ./", at};
    bytes = std::max<size_t>(bytes, 1);
    const bool space = first == ' ' || first == '\t' || first == '\n' || first == '\r';
    if ((first < 0x20 && !space) || first == 0x7F) return {"a control character", "remove it", at};
    if (first == '\t' && indentation) return {"a tab in the indentation", "indent with spaces", at};
    indentation = first == '\n' || (indentation && first == ' ');
    at += bytes;
  }
  return {};
}

}  // namespace pfs
