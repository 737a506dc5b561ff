#include "config/utf8.hpp"

#include <cstdint>

namespace pfs {

namespace {

/// Bytes of the character at `at`, or 0 if it is no UTF-8 (RFC 3629: no overlong form, surrogate, or over U+10FFFF).
size_t character_bytes(std::string_view text, size_t at) noexcept {
  const auto byte = [&](size_t index) { return static_cast<uint8_t>(text[index]); };
  const uint8_t first = byte(at);
  if (first < 0x80) return 1;
  const size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + bytes > text.size()) return 0;
  for (size_t index = 1; index < bytes; ++index)
    if ((byte(at + index) & 0xC0) != 0x80) return 0;
  const uint8_t second = byte(at + 1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
  return bytes;
}

}  // namespace

TextFault find_text_fault(std::string_view text) noexcept {
  bool indentation = true;
  for (size_t at = 0; at < text.size();) {
    const size_t bytes = character_bytes(text, at);
    if (bytes == 0) return {"a byte that is not UTF-8", "save the file as UTF-8", at};
    const auto first = static_cast<uint8_t>(text[at]);
    const bool space = first == ' ' || first == '\t' || first == '\n' || first == '\r';
    if ((first < 0x20 && !space) || first == 0x7F) return {"a control character", "remove it", at};
    if (first == '\t' && indentation) return {"a tab in the indentation", "indent with spaces", at};
    indentation = first == '\n' || (indentation && first == ' ');
    at += bytes;
  }
  return {};
}

}  // namespace pfs
