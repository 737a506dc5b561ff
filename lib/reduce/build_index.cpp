#include "reduce/build_index.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace pfs::reduce {
namespace {

constexpr uint64_t kPartBytes = 4 << 20;  // of the blob, cut by one worker at a time
constexpr size_t kPartChunks = 1 << 10;   // whose keys one worker makes at a time
constexpr size_t kAhead = 16;             // entries, from the line that is asked for to the one that is entered

/// The ends of all chunks, from `from` on.
std::vector<uint64_t> cut_all(std::span<const uint8_t> bytes, const Chunker& chunker, const ParallelFor& parallel_for) {
  std::vector<CutPart> parts((bytes.size() + kPartBytes - 1) / kPartBytes);
  parallel_for(parts.size(), [&](size_t i) {
    parts[i] = cut_part(chunker, bytes, i * kPartBytes, std::min<uint64_t>(bytes.size(), (i + 1) * kPartBytes));
  });
  std::vector<uint64_t> ends;
  size_t count = 0;
  for (const CutPart& part : parts) count += part.ends.size();
  ends.reserve(count);
  join_parts(chunker, bytes, parts, ends);
  return ends;
}

std::vector<uint64_t> keys_of(std::span<const uint8_t> bytes, std::span<const uint64_t> ends,
                              const ParallelFor& parallel_for) {
  std::vector<uint64_t> keys(ends.size());
  parallel_for((ends.size() + kPartChunks - 1) / kPartChunks, [&](size_t part) {
    const size_t last = std::min(ends.size(), (part + 1) * kPartChunks);
    for (size_t i = part * kPartChunks; i < last; ++i) {
      if (i + kAhead < last) __builtin_prefetch(bytes.data() + ends[i + kAhead - 1]);
      const uint64_t begin = i == 0 ? 0 : ends[i - 1];
      keys[i] = chunk_key(bytes.data() + begin, ends[i] - begin);
    }
  });
  return keys;
}

}  // namespace

Result<BuiltIndex> build_chunk_index(const BlobView& blob, uint64_t from, const Chunker& chunker,
                                     const ParallelFor& parallel_for) {
  const std::span<const uint8_t> bytes(blob.data + from, blob.layout.size - from);
  const std::vector<uint64_t> ends = cut_all(bytes, chunker, parallel_for);
  const std::vector<uint64_t> keys = keys_of(bytes, ends, parallel_for);
  Result<ChunkIndex> index = ChunkIndex::create(ends.size());
  if (!index) return tl::unexpected(index.error());
  BuiltIndex built{.index = std::move(*index), .chunks = ends.size()};
  // One worker enters all, in order, so that the first of equal ones is in the index. Keys and entries together take a
  // sixth of one worker's time, and cutting takes the rest (bench/reduce).
  for (size_t i = 0; i < ends.size(); ++i) {
    if (i + kAhead < ends.size()) built.index.prefetch(keys[i + kAhead]);
    const auto inserted = built.index.insert(keys[i], from + (i == 0 ? 0 : ends[i - 1]));
    built.equal += inserted == ChunkIndex::Insertion::kThere;
    built.no_room += inserted == ChunkIndex::Insertion::kFull;
  }
  return built;
}

}  // namespace pfs::reduce
