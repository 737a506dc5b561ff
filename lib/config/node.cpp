#include "config/node.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/numbers.hpp"

namespace pfs {

namespace {

constexpr size_t kPathDepth = 32;  // keys in one --set; the bound that a file's depth has

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> keys;
  for (size_t start = 0; start <= path.size();) {
    const size_t dot = std::min(path.find('.', start), path.size());
    keys.push_back(path.substr(start, dot - start));
    start = dot + 1;
  }
  return keys;
}

void place(Node& node, const std::string& where) {
  node.where = where;
  for (Node& item : node.items) place(item, where);
  for (auto& [key, value] : node.fields) place(value, where);
}

Result<Node*> enter_list(Node& list, std::string_view key, const std::string& where) {
  const Result<uint64_t> index = parse_whole(key);
  if (index && *index < list.items.size()) return &list.items[*index];
  if (list.items.empty()) return fail(where, fmt::format("no entry {} in an empty list", quote(key)));
  return fail(where, fmt::format("no entry {} in a list of {}", quote(key), list.items.size()),
              fmt::format("entries are 0 to {}", list.items.size() - 1));
}

/// The value under `key`, made if it is not there.
Result<Node*> enter(Node& node, std::string_view key, const std::string& where) {
  if (key.empty()) return fail(where, "an empty key", "write section.key=value, for example blob.size=4MiB");
  if (node.kind == Node::Kind::kList) return enter_list(node, key, where);
  if (node.kind == Node::Kind::kScalar)
    return fail(where, fmt::format("{} is below {}, a plain value without keys", quote(key), quote(node.text)));
  node.kind = Node::Kind::kMap;
  for (auto& [name, value] : node.fields)
    if (name == key) return &value;
  node.fields.push_back({.key = std::string(key), .value = {.where = where}});
  return &node.fields.back().value;
}

}  // namespace

const Node* Node::find(std::string_view key) const noexcept {
  for (const auto& [name, value] : fields)
    if (name == key) return &value;
  return nullptr;
}

Result<void> set_value(Node& root, std::string_view assignment) {
  const size_t equals = assignment.find('=');
  const std::string_view path = assignment.substr(0, equals);
  const std::string where = fmt::format("--set {}", path);
  if (equals == std::string_view::npos)
    return fail(where, "no '=' in it", "write section.key=value, for example blob.size=4MiB");
  const std::vector<std::string_view> keys = split(path);
  if (keys.size() > kPathDepth) return fail("--set", fmt::format("more than {} keys deep", kPathDepth));
  Result<Node> value = parse_yaml(assignment.substr(equals + 1), where, TextBytes::kAny);
  if (!value) {
    value.error().where = where;
    return tl::unexpected(value.error());
  }
  Node* at = &root;
  for (const std::string_view key : keys) {
    const Result<Node*> next = enter(*at, key, where);
    if (!next) return tl::unexpected(next.error());
    at = *next;
  }
  *at = std::move(*value);
  place(*at, where);
  return {};
}

}  // namespace pfs
