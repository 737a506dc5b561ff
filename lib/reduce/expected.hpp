#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/descriptor.hpp"
#include "blob/view.hpp"

namespace pfs::reduce {

/// The bytes of the blob that stand where a gram's literals stand in the input: behind each range of the blob that
/// literals follow, as many bytes as the literals have and some more. A changed stretch often resembles what was there
/// before, and both ends know these bytes from the gram's table, so that its literals can be compressed against them.
/// How the table is split changes nothing: neighbours are taken together. Ranges before L3 tell of no place.
/// Fills `out` as far as it goes; returns how many bytes that are.
size_t gather_expected(std::span<const Descriptor> table, const BlobView& blob, std::span<uint8_t> out) noexcept;

}  // namespace pfs::reduce
