#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "reduce/chunk_index.hpp"
#include "reduce/chunker.hpp"
#include "reduce/piece.hpp"

namespace pfs::reduce {

/// Bytes that every copy has at least, whatever was trimmed of it: as many as an EXTENTS of its own takes on the wire.
constexpr size_t kLeastCopy = 24;

/// Finds what of an input the blob holds. The input is cut into chunks, whose keys are looked up some chunks ahead; a
/// chunk that is found is compared with the blob and the match extended to both sides as far as the bytes are equal.
/// Behind a match that ends, the same distance between input and blob is tried for another KiB, because most changes
/// replace some bytes and move none. A match that covers the whole of those before it takes their place. One thread
/// uses an object at a time; several may share blob and index. Takes no memory.
class Matcher {
 public:
  /// The index holds offsets from the blob's first byte. References may name any byte of the blob.
  Matcher(std::span<const uint8_t> blob, const ChunkIndex& index, const Chunker& chunker) noexcept
      : blob_(blob), index_(index), chunker_(chunker) {}

  /// Appends pieces of `input` to `out` until the input is denoted or `out` is full; returns how many bytes the pieces
  /// denote, which are the input's first. Adjacent pieces are merged, though not with what stood in `out` before. One
  /// call after the other goes on with the same file: the first match is looked for where the last one ended. A table
  /// with room for one piece makes progress.
  size_t match(std::span<const uint8_t> input, PieceTable& out) noexcept;

  /// Another file begins.
  void restart() noexcept { next_ = kUnknown; }

 private:
  static constexpr size_t kAhead = 16;  ///< chunks that are cut and looked up before the first of them is compared
  static constexpr uint64_t kUnknown = UINT64_MAX;

  /// The input in progress.
  struct Pass {
    std::span<const uint8_t> input;
    PieceTable& out;
    size_t first = 0;        // of out's pieces that are this input's
    size_t covered = 0;      // bytes of the input that out's pieces denote
    bool full = false;       // out was
    size_t batch = 0;        // bytes of the input up to which chunks have been cut
    size_t chunks = kLeast;  // to cut next time: more while nothing is found
    static constexpr size_t kLeast = 2;
  };

  void look_up(Pass& pass) noexcept;
  void take_candidate(Pass& pass, size_t at, uint64_t from) noexcept;
  bool take_match(Pass& pass, size_t at, uint64_t from, size_t length) noexcept;
  void follow(Pass& pass) noexcept;
  void push_literal(Pass& pass, size_t until) noexcept;
  static void drop_covered(Pass& pass, size_t at) noexcept;

  std::span<const uint8_t> blob_;
  const ChunkIndex& index_;
  const Chunker& chunker_;
  uint64_t next_ = kUnknown;  ///< the place in the blob that stands for the input's byte `covered`
};

}  // namespace pfs::reduce
