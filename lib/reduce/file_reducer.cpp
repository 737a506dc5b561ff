#include "reduce/file_reducer.hpp"

#include <cassert>

namespace pfs::reduce {

FileReducer::FileReducer(const BlobView& blob, const ChunkIndex& index, const Chunker& chunker, size_t bytes_most,
                         const WireCosts& costs)
    : layout_(blob.layout),
      costs_(costs),
      matcher_({blob.data, blob.layout.size}, index, chunker),
      pieces_(descriptors_most(bytes_most)) {}

void FileReducer::denote(std::span<const uint8_t> bytes, DescriptorTable& out) noexcept {
  PieceTable table{.data = pieces_.data(), .count = 0, .capacity = pieces_.size()};
  [[maybe_unused]] const size_t matched = matcher_.match(bytes, table);
  assert(matched == bytes.size());  // copies and zeros have kLeastCopy bytes at least, and a literal stands between two
  const std::span<Piece> pieces(table.data, table.count);
  PieceCursor cursor{pieces.first(drop_costly(pieces, layout_, costs_)), 0};
  const uint32_t first = out.count;
  [[maybe_unused]] const uint64_t written = write_descriptors(cursor, layout_, UINT64_MAX, out);
  assert(written == bytes.size());
  uint64_t literal = 0;
  for (uint32_t i = first; i < out.count; ++i) literal += out.data[i].in_blob() ? 0 : out.data[i].length;
  literal_ += literal;
  referenced_ += bytes.size() - literal;
}

}  // namespace pfs::reduce
