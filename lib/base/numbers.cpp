#include "base/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "base/units.hpp"

namespace pfs {

namespace {

constexpr const char* kTooLarge = "more than 64 bits hold";
constexpr const char* kOctal = "written with a zero before it, as octal numbers are";

bool is_hexadecimal(std::string_view text) { return text.starts_with("0x") || text.starts_with("0X"); }

/// Whether `digits` begin as octal numbers do in many languages: with a zero that another digit follows.
bool looks_octal(std::string_view digits) {
  return digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
}

template <class Value, class Format>
std::errc read(std::string_view text, Value& value, Format format) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, format);
  return error == std::errc{} && rest != end ? std::errc::invalid_argument : error;
}

/// The remedy for `010`: both numbers that it may have been meant to be, or the only one.
std::string instead_of_octal(std::string_view digits) {
  const std::string_view decimal = digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  uint64_t octal = 0;
  if (decimal.size() == 1 || read(digits, octal, 8) != std::errc{}) return fmt::format("write {}", decimal);
  return fmt::format("write {} or 0x{:X}", decimal, octal);
}

/// `otherwise` is the error where `text` is no whole number at all.
Result<uint64_t> parse_whole(std::string_view text, const Error& otherwise) {
  const bool hexadecimal = is_hexadecimal(text);
  const std::string_view digits = text.substr(hexadecimal ? 2 : 0);
  uint64_t value = 0;
  const std::errc error = read(digits, value, hexadecimal ? 16 : 10);
  if (error == std::errc::result_out_of_range) return fail("", kTooLarge);
  if (error != std::errc{}) return tl::unexpected(otherwise);
  if (!hexadecimal && looks_octal(digits)) return fail("", kOctal, instead_of_octal(digits));
  return value;
}

}  // namespace

Result<uint64_t> parse_whole(std::string_view text) {
  return parse_whole(text, {.where = "", .what = "not a whole number", .hint = ""});
}

Result<uint64_t> parse_size(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, uint64_t>, 4> kUnits = {
      {{"KiB", kKiB}, {"MiB", kMiB}, {"GiB", kGiB}, {"B", 1}}};  // B last: it ends the others
  std::string_view number = text;
  uint64_t unit_bytes = 1;
  for (const auto& [unit, bytes] : kUnits) {
    if (is_hexadecimal(text) || !text.ends_with(unit)) continue;
    number.remove_suffix(unit.size());
    unit_bytes = bytes;
    break;
  }
  auto value = parse_whole(
      number, {.where = "", .what = "not a size", .hint = "write bytes as 4096 or 0x1000, or 64KiB, 4MiB, 1GiB"});
  if (!value) return value;
  if (*value > UINT64_MAX / unit_bytes) return fail("", kTooLarge);
  return *value * unit_bytes;
}

Result<double> parse_real(std::string_view text) {
  double value = 0;
  const std::errc error = read(text, value, std::chars_format::general);
  if (error == std::errc::result_out_of_range) return fail("", "beyond what a number may be");
  if (error != std::errc{}) return fail("", "not a number");
  if (!std::isfinite(value)) return fail("", "not a finite number");
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (looks_octal(digits)) return fail("", kOctal, "leave the zero out");
  return value;
}

}  // namespace pfs
