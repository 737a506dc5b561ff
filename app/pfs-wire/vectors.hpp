#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/input.hpp"
#include "base/result.hpp"
#include "session.hpp"

namespace pfs {

/// A file of one JSON object a line; blank lines are passed over.
class JsonLines {
 public:
  explicit JsonLines(Input input) : input_(std::move(input)) {}

  /// Reads the next row; false at the end of the file.
  Result<bool> next(nlohmann::json& row);

  /// The place, FILE:LINE, of the row that next() gave last.
  [[nodiscard]] std::string where() const;

 private:
  Input input_;
  size_t line_ = 0;
};

/// Reads the first row of a file:
/// {"layout":{"size":...,"l1":...,"l2":...,"l3":...,"word":...,"block":...,"key":...}, ...}.
/// Only `size` is required. "window_pow2" may stand beside the layout.
Result<Session> read_session(JsonLines& lines);

/// Read one field of a row. The error gives the place and says what was expected.
Result<std::string> string_field(const nlohmann::json& row, const char* key, const std::string& where);
Result<uint64_t> number_field(const nlohmann::json& row, const char* key, uint64_t max, const std::string& where);

/// Reads hexadecimal digits in either case. Error if their number is odd or one is not hexadecimal.
Result<std::vector<uint8_t>> parse_hex(std::string_view text, const std::string& where);

/// A JSON string literal, quotes included, in ASCII.
std::string json_string(std::string_view text);

/// Flushes stdout. Error if anything that was printed was not taken (by a full disk, by a closed pipe).
Result<void> finish_output();

}  // namespace pfs
