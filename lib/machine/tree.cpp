#include "machine/tree.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace pfs {

bool Tree::has(const std::string& path) const {
  std::error_code none;
  return std::filesystem::exists(root_ / path, none);
}

std::optional<std::string> Tree::text(const std::string& path) const {
  std::ifstream file(root_ / path);
  if (!file) return std::nullopt;
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::optional<uint64_t> Tree::number(const std::string& path) const {
  const std::optional<std::string> digits = text(path);
  if (!digits) return std::nullopt;
  uint64_t value = 0;
  const char* const end = digits->data() + digits->size();
  const auto [rest, error] = std::from_chars(digits->data(), end, value);
  return error == std::errc{} && rest == end ? std::optional(value) : std::nullopt;
}

std::vector<std::string> Tree::names(const std::string& folder) const {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(root_ / folder, error), end; !error && at != end; at.increment(error))
    names.push_back(at->path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::string Tree::target(const std::string& link) const {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::read_symlink(root_ / link, error);
  return error ? std::string() : target.filename().string();
}

}  // namespace pfs
