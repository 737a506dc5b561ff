#include "config/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "base/escape.hpp"

namespace pfs {

namespace {

constexpr size_t kWordBytes = 64;  // longer words are no misspelling of a key; bounds the quadratic work below

}  // namespace

size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::vector<size_t>> cost(left.size() + 1, std::vector<size_t>(right.size() + 1));
  for (size_t row = 0; row <= left.size(); ++row) cost[row][0] = row;
  for (size_t column = 0; column <= right.size(); ++column) cost[0][column] = column;
  for (size_t row = 1; row <= left.size(); ++row) {
    for (size_t column = 1; column <= right.size(); ++column) {
      const size_t replaced = cost[row - 1][column - 1] + (left[row - 1] != right[column - 1]);
      size_t best = std::min({cost[row - 1][column] + 1, cost[row][column - 1] + 1, replaced});
      if (row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1])
        best = std::min(best, cost[row - 2][column - 2] + 1);
      cost[row][column] = best;
    }
  }
  return cost[left.size()][right.size()];
}

std::string suggest(std::string_view word, std::span<const std::string_view> known, std::string_view label) {
  if (known.empty()) return {};
  std::string_view nearest;
  size_t distance = std::max<size_t>(1, std::min<size_t>(word.size() / 2, 3)) + 1;
  for (const std::string_view candidate : known) {
    if (word.size() > kWordBytes || candidate.size() > kWordBytes) continue;
    const size_t edits = edit_distance(word, candidate);
    if (edits < distance && edits < candidate.size()) distance = edits, nearest = candidate;
  }
  if (!nearest.empty()) return fmt::format("did you mean {}?", quote(nearest));
  return fmt::format("{}: {}", label, fmt::join(known, ", "));
}

}  // namespace pfs
