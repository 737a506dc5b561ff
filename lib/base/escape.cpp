#include "base/escape.hpp"

#include <fmt/format.h>

namespace pfs {
namespace {

constexpr uint32_t kNotUtf8 = UINT32_MAX;  // in place of a code point

/// The piece of a text that one step of escaping takes.
struct Character {
  std::string_view bytes;  ///< one character, or one byte that is not UTF-8
  uint32_t code = 0;       ///< code point, or kNotUtf8
};

Character first_character(std::string_view text) noexcept {
  const size_t bytes = utf8_bytes(text, 0);
  if (bytes == 0) return {text.substr(0, 1), kNotUtf8};
  const auto first = static_cast<uint8_t>(text[0]);
  uint32_t code = bytes == 1 ? first : first & (0x7Fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) code = code << 6 | (static_cast<uint8_t>(text[i]) & 0x3Fu);
  return {text.substr(0, bytes), code};
}

/// C1 controls and the characters that end a line or turn its direction (Unicode's Bidi_Control).
bool misleads(uint32_t code) noexcept {
  if (code >= 0x80 && code <= 0x9F) return true;
  if (code == 0x061C || code == 0x200E || code == 0x200F) return true;
  return (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

std::string escaped(const Character& character) {
  if (character.code == kNotUtf8 || character.code < 0x20 || character.code == 0x7F)
    return fmt::format("\\x{:02x}", static_cast<uint8_t>(character.bytes[0]));
  if (misleads(character.code)) return fmt::format("\\u{{{:x}}}", character.code);
  return std::string(character.bytes);
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Character next = first_character(text);
    text.remove_prefix(next.bytes.size());
    out += escaped(next);
  }
  return out;
}

std::string quote(std::string_view text, size_t limit) {
  std::string inner;
  while (!text.empty()) {
    const Character next = first_character(text);
    text.remove_prefix(next.bytes.size());
    const bool special = next.code == '\\' || next.code == '\'';
    const std::string piece = special ? fmt::format("\\{}", next.bytes) : escaped(next);
    if (inner.size() + piece.size() > limit) return fmt::format("'{}...'", inner);
    inner += piece;
  }
  return fmt::format("'{}'", inner);
}

size_t utf8_bytes(std::string_view text, size_t at) noexcept {
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

}  // namespace pfs
