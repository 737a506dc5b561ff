#include "vectors.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

namespace pfs {
namespace {

using nlohmann::json;

constexpr uint64_t kWindowPow2Max = 31;  // references are counted in 32 bits

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Sets `value` if the layout has `key`. Numbers beyond 2^53 stay exact, because they never pass through a double.
template <class T>
Result<void> set_if_there(const json& layout, const char* key, const std::string& where, T& value) {
  const auto field = layout.find(key);
  if (field == layout.end() || field->is_null()) return {};
  const auto number = number_field(layout, key, std::numeric_limits<T>::max(), where);
  if (!number) return tl::unexpected(number.error());
  value = static_cast<T>(*number);
  return {};
}

}  // namespace

Result<bool> JsonLines::next(json& row) {
  std::string line;
  do {
    auto found = input_.line(line);
    if (!found || !*found) return found;
    ++line_;
  } while (line.find_first_not_of(" \t\r") == std::string::npos);
  row = json::parse(line, nullptr, false);
  if (!row.is_object()) return fail(where(), "not a JSON object", "write one {...} a line");
  return true;
}

std::string JsonLines::where() const { return fmt::format("{}:{}", input_.name(), line_); }

Result<Session> read_session(JsonLines& lines) {
  const char* hint = R"(begin the file with {"layout":{"size":268435456}})";
  json row;
  const auto found = lines.next(row);
  if (!found) return tl::unexpected(found.error());
  if (!*found) return fail(lines.where(), "the file is empty", hint);
  const auto layout = row.find("layout");
  if (layout == row.end() || !layout->is_object()) return fail(lines.where(), "no layout in the first row", hint);

  Session session;
  Layout& to = session.layout;
  for (auto set :
       {set_if_there(*layout, "size", lines.where(), to.size), set_if_there(*layout, "l1", lines.where(), to.l1),
        set_if_there(*layout, "l2", lines.where(), to.l2), set_if_there(*layout, "l3", lines.where(), to.l3),
        set_if_there(*layout, "word", lines.where(), to.word), set_if_there(*layout, "block", lines.where(), to.block),
        set_if_there(*layout, "key", lines.where(), session.key), check_layout(to, lines.where())}) {
    if (!set) return tl::unexpected(set.error());
  }
  if (row.contains("window_pow2")) {
    const auto window = number_field(row, "window_pow2", kWindowPow2Max, lines.where());
    if (!window) return tl::unexpected(window.error());
    session.window_pow2 = static_cast<uint32_t>(*window);
  }
  return session;
}

Result<std::string> string_field(const json& row, const char* key, const std::string& where) {
  const auto field = row.find(key);
  if (field == row.end() || !field->is_string()) {
    return fail(where, fmt::format("no string \"{}\" in the row", key), "compare tests/vectors/wire.jsonl");
  }
  return field->get<std::string>();
}

Result<uint64_t> number_field(const json& row, const char* key, uint64_t max, const std::string& where) {
  const auto field = row.find(key);
  if (field == row.end() || !field->is_number_unsigned() || field->get<uint64_t>() > max) {
    return fail(where, fmt::format("\"{}\" is not a whole number from 0 to {}", key, max), "correct or add it");
  }
  return field->get<uint64_t>();
}

Result<std::vector<uint8_t>> parse_hex(std::string_view text, const std::string& where) {
  if (text.size() % 2 != 0) {
    return fail(where, fmt::format("a payload of {} hexadecimal digits", text.size()), "give two digits a byte");
  }
  std::vector<uint8_t> bytes(text.size() / 2);
  for (size_t i = 0; i < text.size(); ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) {
      return fail(where, fmt::format("character {} of the payload is not hexadecimal", i + 1),
                  "give two digits a byte");
    }
    bytes[i / 2] = static_cast<uint8_t>(bytes[i / 2] << 4 | digit);
  }
  return bytes;
}

std::string json_string(std::string_view text) {
  return json(text).dump(-1, ' ', true, json::error_handler_t::replace);
}

Result<void> finish_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return {};
  return fail("stdout", fmt::format("cannot be written: {}", std::strerror(errno)), "check what it leads to",
              Exit::kFailed);
}

}  // namespace pfs
