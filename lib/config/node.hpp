#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pfs {

struct Field;

/// A configuration value with its place. Plain data: nothing outside yaml.cpp knows yaml-cpp.
struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;           ///< kScalar
  std::vector<Node> items;    ///< kList
  std::vector<Field> fields;  ///< kMap, in file order
  std::string where;          ///< `pipelines/x.yaml:12`, or `--set a.b`

  [[nodiscard]] const Node* find(std::string_view key) const noexcept;
};

/// A key of a map with its value.
struct Field {
  std::string key;
  Node value;
};

/// Reads a YAML file. Bounded in size (1 MiB), depth (32) and aliases (none): a clear error beyond.
Result<Node> load_yaml(const std::string& path);

/// What the bytes of a YAML text may be: UTF-8 in a file; any in a command line, where a file name need not be UTF-8.
enum class TextBytes { kUtf8, kAny };

/// Reads YAML from a string; `where` stands for the file name. For --set values and tests.
Result<Node> parse_yaml(std::string_view text, const std::string& where, TextBytes bytes = TextBytes::kUtf8);

/// Applies `a.b.c=value` to `root`. The value is YAML (`[a, b]`, `{stream: 0}`, `4MiB`). A missing map is made, and an
/// entry of a list is named by its number (`edges.0.slots=512`). Whether the key means anything is for the readers to
/// say.
Result<void> set_value(Node& root, std::string_view assignment);

}  // namespace pfs
