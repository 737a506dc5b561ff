#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace pfs {

/// Edits (insert, remove, replace, swap neighbours) that turn one word into the other.
size_t edit_distance(std::string_view left, std::string_view right);

/// The remedy for a word that is not known: `did you mean 'size'?`, or `<label>: a, b, c` where no known word is near.
/// The remedy is empty where `known` is.
std::string suggest(std::string_view word, std::span<const std::string_view> known, std::string_view label);

}  // namespace pfs
