#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/node.hpp"

namespace pfs {

/// Reads a map strictly. Each key is asked for once, with its type, default and range. finish() fails on the first
/// value that was wrong, on a key that nobody asked for (its hint is the nearest known key), or on a required key that
/// the map lacks. Until finish() is called, a value that was refused reads as its default.
///
///   Reader reader(node, "stage 'rx'");
///   config.queue = reader.number("queue", 0, 0, 1023);
///   config.full = reader.choice("full", Full::kHold, {{"hold", Full::kHold}, {"drop", Full::kDrop}});
///   if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
class Reader {
 public:
  /// A null `node` stands for an absent map, whose keys all have their defaults. `what` names the map in messages.
  Reader(const Node* node, std::string what);

  [[nodiscard]] bool has(std::string_view key) const noexcept;
  uint64_t number(std::string_view key, uint64_t fallback, uint64_t low, uint64_t high);  ///< as parse_whole reads it
  uint64_t size(std::string_view key, uint64_t fallback, uint64_t low, uint64_t high);    ///< as parse_size reads it
  double real(std::string_view key, double fallback, double low, double high);
  bool flag(std::string_view key, bool fallback);
  std::string text(std::string_view key, std::string_view fallback);
  std::string required_text(std::string_view key);
  std::vector<std::string> texts(std::string_view key);  ///< a list of scalars, or one scalar
  const Node* map(std::string_view key);                 ///< null if absent
  const Node* list(std::string_view key);                ///< null if absent
  const Node* any(std::string_view key);                 ///< whatever it is; null if absent

  template <class Value>
  struct Option {
    std::string_view name;
    Value value;
  };
  template <class Value>
  Value choice(std::string_view key, Value fallback, std::initializer_list<Option<Value>> options) {
    std::vector<std::string_view> names;
    for (const auto& option : options) names.push_back(option.name);
    const std::optional<size_t> index = choose(key, names);
    return index ? (options.begin() + *index)->value : fallback;
  }

  /// The place of a key, or of the map, for an error that the caller finds.
  [[nodiscard]] std::string where(std::string_view key = {}) const;
  /// Records that the caller refuses the value of `key`.
  void reject(std::string_view key, std::string what, std::string hint = {});
  /// Records that a required key is absent: `blob has no 'size'`. finish() says so only where no key is unknown.
  void missing(std::string_view key, std::string hint);
  Result<void> finish();

 private:
  /// A kind of number: its name with an article, how it is read, and how a bound of its range is written.
  template <class Value>
  struct Numbers {
    std::string_view wanted;
    Result<Value> (*parse)(std::string_view text);
    std::string (*text)(Value value);
  };
  template <class Value>
  Value within(std::string_view key, Value fallback, Value low, Value high, const Numbers<Value>& numbers);
  const Node* take(std::string_view key);
  const Node* take_kind(std::string_view key, Node::Kind kind, std::string_view wanted, std::string_view hint);
  std::optional<size_t> choose(std::string_view key, std::span<const std::string_view> names);

  const Node* node_;
  std::string what_;
  std::vector<std::string> asked_;
  std::optional<Error> error_;
  std::optional<Error> missing_;  // an unknown key is told first, because a misspelling is the likelier reason
};

}  // namespace pfs
