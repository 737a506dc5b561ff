#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "blob/build.hpp"
#include "blob/view.hpp"
#include "reduce/chunk_index.hpp"
#include "reduce/chunker.hpp"

namespace pfs::reduce {

/// The index of a blob's chunks, with what was found on the way.
struct BuiltIndex {
  ChunkIndex index;
  uint64_t chunks = 0;
  uint64_t equal = 0;    ///< chunks that are not entered, because one that begins alike is
  uint64_t no_room = 0;  ///< chunks that did not fit
};

/// Enters the chunks of the blob's bytes from `from` to its end; the first chunk begins at `from`. The work is shared
/// out, and the index is the same whoever did what. Error if there is no memory for the index.
Result<BuiltIndex> build_chunk_index(const BlobView& blob, uint64_t from, const Chunker& chunker,
                                     const ParallelFor& parallel_for);

}  // namespace pfs::reduce
