#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <iterator>
#include <span>
#include <string>

namespace pfs {

/// Prints a formatted line on stdout. finish_output() asks once, at the end, whether everything was taken.
template <class... Arguments>
void print_line(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::memory_buffer text;
  fmt::format_to(std::back_inserter(text), format, std::forward<Arguments>(arguments)...);
  text.push_back('\n');
  (void)std::fwrite(text.data(), 1, text.size(), stdout);
}

/// Shows the first bytes, as hexadecimal and as characters.
inline std::string dump(std::span<const uint8_t> bytes) {
  constexpr size_t kShown = 24;
  std::string hex;
  std::string characters;
  for (const uint8_t byte : bytes.first(bytes.size() < kShown ? bytes.size() : kShown)) {
    hex += fmt::format("{:02x}", byte);
    characters += byte >= 32 && byte < 127 ? static_cast<char>(byte) : '.';
  }
  return fmt::format("{}{} |{}|", hex, bytes.size() > kShown ? "..." : "", characters);
}

}  // namespace pfs
