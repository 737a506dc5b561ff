#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pfs::reduce {

/// Cuts bytes into chunks where their content says so, so that equal content is cut alike wherever it stands. A chunk
/// ends behind the first byte, from `least` bytes on, at which the gear hash of the 64 bytes up to there is below
/// 2^64 / average. Where none of `most` bytes is such a one, it ends behind the smallest hash of the second half of
/// them. Chunks of random bytes have nearly least + average bytes in the mean. Where a chunk ends depends on nothing
/// but the bytes from its beginning on: two chains of chunks that meet in one cut have all further cuts in common.
/// Pure; any number of threads may share an object.
class Chunker {
 public:
  /// `average`: a power of two, 512 at least.
  explicit Chunker(uint32_t average = 1024) noexcept
      : least_(average / 4), most_(4 * average), below_(limit(average)) {}

  [[nodiscard]] uint32_t least() const noexcept { return least_; }  ///< bytes; the last chunk may have fewer
  [[nodiscard]] uint32_t most() const noexcept { return most_; }    ///< bytes

  /// The length of the chunk that begins at `data`, of which `bytes` are left.
  [[nodiscard]] size_t length(const uint8_t* data, size_t bytes) const noexcept;

  /// Writes the ends of consecutive chunks, the first of which begins at `from`, until one ends at `until` or behind,
  /// or `ends` is full. Returns how many were written. `from` < `until` <= input.size().
  size_t cut(std::span<const uint8_t> input, size_t from, size_t until, std::span<uint64_t> ends) const noexcept;

 private:
  static constexpr uint64_t limit(uint32_t average) noexcept { return UINT64_MAX / average; }

  [[nodiscard]] size_t forced(const uint8_t* data) const noexcept;

  uint32_t least_;
  uint32_t most_;
  uint64_t below_;
};

/// The ends of the chunks that a worker found which began at `from` as if a chunk began there, up to the first end that
/// is not before the beginning of the next worker's part.
struct CutPart {
  uint64_t from = 0;
  std::vector<uint64_t> ends;
};

/// Cuts one worker's part of the input: the bytes from `from` to `until`.
CutPart cut_part(const Chunker& chunker, std::span<const uint8_t> input, uint64_t from, uint64_t until);

/// The ends of all chunks of `input`, just as one worker finds them that begins at byte 0. The parts are in order, and
/// each begins where the one before it was to end; the first begins at 0. Where a part's cuts do not go on from those
/// before it, the chunks are cut anew until both agree, which takes a few chunks of ordinary content.
void join_parts(const Chunker& chunker, std::span<const uint8_t> input, std::span<const CutPart> parts,
                std::vector<uint64_t>& ends);

}  // namespace pfs::reduce
