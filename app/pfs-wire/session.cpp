#include "session.hpp"

#include <fmt/format.h>

#include <limits>

#include "base/escape.hpp"
#include "base/numbers.hpp"

namespace pfs {
namespace {

constexpr std::string_view kLayoutHint =
    "give size=N[,l1=N][,l2=N][,l3=N][,word=N][,block=N], as in size=256MiB,block=64";
constexpr uint64_t kSizeMax = uint64_t{1} << 62;  // bytes; no blob is nearly as large, and no sum with it can wrap

Result<void> set_field(Layout& layout, std::string_view key, uint64_t value) {
  const bool narrow = key == "word" || key == "block";
  if (narrow && value > std::numeric_limits<uint32_t>::max()) {
    return fail("--layout", fmt::format("{} is {}, past 2^32", key, value), std::string(kLayoutHint));
  }
  if (key == "size") {
    layout.size = value;
  } else if (key == "l1") {
    layout.l1 = value;
  } else if (key == "l2") {
    layout.l2 = value;
  } else if (key == "l3") {
    layout.l3 = value;
  } else if (key == "word") {
    layout.word = static_cast<uint32_t>(value);
  } else if (key == "block") {
    layout.block = static_cast<uint32_t>(value);
  } else {
    return fail("--layout", fmt::format("unknown key '{}'", key), std::string(kLayoutHint));
  }
  return {};
}

}  // namespace

Result<Layout> parse_layout(std::string_view text) {
  Layout layout;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const size_t equals = item.find('=');
    if (equals == std::string_view::npos) {
      return fail("--layout", fmt::format("'{}' is not key=value", item), std::string(kLayoutHint));
    }
    const auto value = parse_size(item.substr(equals + 1));
    if (!value) return fail("--layout", fmt::format("{} is {}", item, value.error().line()), std::string(kLayoutHint));
    if (auto set = set_field(layout, item.substr(0, equals), *value); !set) return tl::unexpected(set.error());
  }
  if (auto good = check_layout(layout, "--layout"); !good) return tl::unexpected(good.error());
  return layout;
}

Result<uint32_t> parse_key(std::string_view text) {
  const auto key = parse_whole(text);
  if (key && *key <= UINT32_MAX) return static_cast<uint32_t>(*key);
  return fail("--key", fmt::format("{} is {}", quote(text), key ? "more than 32 bits hold" : key.error().line()),
              "give 12648430 or 0xC0FFEE");
}

Result<void> check_layout(const Layout& layout, std::string_view where) {
  if (layout.size == 0) return fail(std::string(where), "the layout has no blob size", "add size, as in size=256MiB");
  if (layout.size > kSizeMax) return fail(std::string(where), "the blob's size is past 2^62 bytes", "give its bytes");
  if (layout.word == 0 || layout.block == 0) {
    return fail(std::string(where), "word and block must be at least 1 byte", "leave them out for 8 and 64");
  }
  return {};
}

}  // namespace pfs
