#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "blob/fill.hpp"
#include "blob/view.hpp"

namespace pfs {

/// Runs body(0) to body(count - 1), each once, in any order and on whatever workers the caller has, and returns when
/// all are done. The runtime passes its lcores, tests pass a plain loop.
using ParallelFor = std::function<void(size_t count, const std::function<void(size_t)>& body)>;

/// Makes the whole blob in one pass (fill, load and hash 16 MiB before the next) and returns its root;
/// sets view.id. `view.data` has layout.size bytes; `files` are as place_files() gave them for this layout. If pieces
/// fail, the error is the first one's in order of place, whatever order they ran in.
Result<Sha256Digest> build_blob(BlobView& view, uint64_t seed, std::span<const PlacedFile> files,
                                const ParallelFor& parallel_for);

/// The root of a blob that is already there.
Sha256Digest root_of(const BlobView& view, const ParallelFor& parallel_for);

}  // namespace pfs
