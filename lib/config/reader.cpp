#include "config/reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/numbers.hpp"
#include "base/units.hpp"
#include "config/words.hpp"

namespace pfs {

namespace {

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "empty";
    case Node::Kind::kScalar:
      return quote(node.text);
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
  }
  return "unknown";
}

/// Bytes as a person would write them: whole MiB as `4MiB`, else whole KiB, else bytes.
std::string size_text(uint64_t bytes) {
  if (bytes >= kGiB && bytes % kGiB == 0) return fmt::format("{}GiB", bytes / kGiB);
  if (bytes >= kMiB && bytes % kMiB == 0) return fmt::format("{}MiB", bytes / kMiB);
  if (bytes >= kKiB && bytes % kKiB == 0) return fmt::format("{}KiB", bytes / kKiB);
  return fmt::format("{}", bytes);
}

}  // namespace

Reader::Reader(const Node* node, std::string what) : node_(node), what_(std::move(what)) {
  if (node_ == nullptr || node_->kind == Node::Kind::kMap || node_->kind == Node::Kind::kNull) return;
  error_ = Error{node_->where, fmt::format("{} is {}, not a map", what_, describe(*node_)), "write key: value"};
}

bool Reader::has(std::string_view key) const noexcept { return node_ != nullptr && node_->find(key) != nullptr; }

const Node* Reader::take(std::string_view key) {
  asked_.emplace_back(key);
  return node_ == nullptr ? nullptr : node_->find(key);
}

const Node* Reader::take_kind(std::string_view key, Node::Kind kind, std::string_view wanted, std::string_view hint) {
  const Node* value = take(key);
  if (value == nullptr || value->kind == kind) return value;
  reject(key, fmt::format("'{}' of {} is {}, not {}", key, what_, describe(*value), wanted), std::string(hint));
  return nullptr;
}

template <class Value>
Value Reader::within(std::string_view key, Value fallback, Value low, Value high, const Numbers<Value>& numbers) {
  const std::string range = fmt::format("it may be {} to {}", numbers.text(low), numbers.text(high));
  const Node* value = take_kind(key, Node::Kind::kScalar, numbers.wanted, range);
  if (value == nullptr) return fallback;
  const Result<Value> read = numbers.parse(value->text);
  if (read && *read >= low && *read <= high) return *read;
  const std::string why = read ? "out of range" : read.error().what;
  reject(key, fmt::format("'{}' of {} is {}, {}", key, what_, quote(value->text), why),
         read || read.error().hint.empty() ? range : read.error().hint);
  return fallback;
}

uint64_t Reader::number(std::string_view key, uint64_t fallback, uint64_t low, uint64_t high) {
  const auto text = [](uint64_t value) { return fmt::format("{}", value); };
  return within<uint64_t>(key, fallback, low, high, {"a whole number", parse_whole, text});
}

uint64_t Reader::size(std::string_view key, uint64_t fallback, uint64_t low, uint64_t high) {
  return within<uint64_t>(key, fallback, low, high, {"a size", parse_size, size_text});
}

double Reader::real(std::string_view key, double fallback, double low, double high) {
  const auto text = [](double value) { return fmt::format("{}", value); };
  return within<double>(key, fallback, low, high, {"a number", parse_real, text});
}

bool Reader::flag(std::string_view key, bool fallback) {
  const Node* value = take_kind(key, Node::Kind::kScalar, "a flag", "write true or false");
  if (value == nullptr) return fallback;
  if (value->text == "true") return true;
  if (value->text == "false") return false;
  reject(key, fmt::format("'{}' of {} is {}, not a flag", key, what_, quote(value->text)), "write true or false");
  return fallback;
}

std::string Reader::text(std::string_view key, std::string_view fallback) {
  const Node* value = take_kind(key, Node::Kind::kScalar, "text", {});
  return value == nullptr ? std::string(fallback) : value->text;
}

std::string Reader::required_text(std::string_view key) {
  if (!has(key)) missing(key, fmt::format("add {}: ...", key));
  return text(key, {});
}

std::vector<std::string> Reader::texts(std::string_view key) {
  const Node* value = take(key);
  if (value == nullptr || value->kind == Node::Kind::kNull) return {};
  if (value->kind == Node::Kind::kScalar) return {value->text};
  std::vector<std::string> all;
  for (const Node& item : value->items) {
    if (item.kind == Node::Kind::kScalar) {
      all.push_back(item.text);
    } else if (!error_) {
      error_ =
          Error{item.where, fmt::format("'{}' of {} has an entry that is {}, not text", key, what_, describe(item))};
    }
  }
  if (value->kind == Node::Kind::kMap)
    reject(key, fmt::format("'{}' of {} is a map, not a list of texts", key, what_), "write [a, b]");
  return all;
}

const Node* Reader::map(std::string_view key) {
  const Node* value = take(key);
  if (value == nullptr || value->kind == Node::Kind::kMap || value->kind == Node::Kind::kNull) return value;
  reject(key, fmt::format("'{}' of {} is {}, not a map", key, what_, describe(*value)), "write {key: value}");
  return nullptr;
}

const Node* Reader::list(std::string_view key) {
  const Node* value = take(key);
  if (value == nullptr || value->kind == Node::Kind::kList || value->kind == Node::Kind::kNull) return value;
  reject(key, fmt::format("'{}' of {} is {}, not a list", key, what_, describe(*value)), "write [a, b]");
  return nullptr;
}

const Node* Reader::any(std::string_view key) { return take(key); }

std::optional<size_t> Reader::choose(std::string_view key, std::span<const std::string_view> names) {
  const std::string hint = fmt::format("it may be {}", fmt::join(names, ", "));
  const Node* value = take_kind(key, Node::Kind::kScalar, "a word", hint);
  if (value == nullptr) return std::nullopt;
  for (size_t index = 0; index < names.size(); ++index)
    if (names[index] == value->text) return index;
  reject(key, fmt::format("'{}' of {} is {}", key, what_, quote(value->text)), hint);
  return std::nullopt;
}

std::string Reader::where(std::string_view key) const {
  if (node_ == nullptr) return {};
  const Node* value = key.empty() ? nullptr : node_->find(key);
  return value == nullptr ? node_->where : value->where;
}

void Reader::reject(std::string_view key, std::string what, std::string hint) {
  if (!error_) error_ = Error{where(key), std::move(what), std::move(hint)};
}

void Reader::missing(std::string_view key, std::string hint) {
  if (!missing_) missing_ = Error{where(), fmt::format("{} has no '{}'", what_, key), std::move(hint)};
}

Result<void> Reader::finish() {
  if (error_) return tl::unexpected(*error_);
  if (node_ != nullptr) {
    const std::vector<std::string_view> known(asked_.begin(), asked_.end());
    for (const auto& [key, value] : node_->fields)
      if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
        return fail(value.where, fmt::format("unknown key {} in {}", quote(key), what_),
                    suggest(key, known, "known keys"));
  }
  if (missing_) return tl::unexpected(*missing_);  // last: a misspelt key is the likelier reason
  return {};
}

}  // namespace pfs
