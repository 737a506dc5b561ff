#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/result.hpp"

namespace pfs::reduce {

constexpr uint32_t kKeyBytes = 128;  ///< bytes at a chunk's beginning that its key is the hash of

/// The key of a chunk of `length` bytes: XXH3 of its first 128. A chunk whose end was changed is found by its beginning
/// this way, and the match is then extended as far as it goes; which of a chunk's bytes are equal is compared anyway.
uint64_t chunk_key(const uint8_t* data, size_t length) noexcept;

/// Finds the place in the blob of a chunk by its key. The answer is a candidate: whoever asks compares the bytes, and
/// so the blob may change under the index. An entry has 8 bytes: 40 of its bits are the chunk's offset, so that 1 TiB
/// can be indexed, and 24 are from the key. Entries stand in buckets of one cache line, each in one of two buckets.
/// Of equal keys the first stays. What an object does depends on the calls alone. Reading is thread-safe.
class ChunkIndex {
 public:
  enum class Insertion : uint8_t {
    kDone,
    kThere,  ///< an entry with that key was there (or, once in a million, one that looks the same)
    kFull,   ///< there is no room in the key's buckets: the chunk will not be found
  };

  /// An index for about so many chunks. Error, with the bytes that were asked for, if there is no memory.
  static Result<ChunkIndex> create(uint64_t chunks);

  /// Bytes of memory for so many chunks: 10 each, and so 5 MiB for 1 GiB in chunks of 2 KiB.
  static uint64_t memory_bytes(uint64_t chunks) noexcept;

  /// `offset` is below kOffsetEnd.
  Insertion insert(uint64_t key, uint64_t offset) noexcept;

  /// Takes the entry of a chunk at `offset` away, because the blob will hold something else there. False if there is
  /// no such entry. An equal chunk that lies elsewhere and was not entered, since this one was there, has to be entered
  /// again to be found.
  bool erase(uint64_t key, uint64_t offset) noexcept;

  [[nodiscard]] std::optional<uint64_t> find(uint64_t key) const noexcept;

  /// Asks for the line that find() looks at first. It pays 8 or more keys ahead.
  void prefetch(uint64_t key) const noexcept { __builtin_prefetch(&buckets_[home(key)]); }

  static constexpr uint64_t kNowhere = UINT64_MAX;
  /// The same for many keys at a time: `offsets` receives what find() says, or kNowhere.
  void find(std::span<const uint64_t> keys, uint64_t* offsets) const noexcept;

  [[nodiscard]] uint64_t count() const noexcept { return count_; }

  static constexpr uint64_t kOffsetEnd = (uint64_t{1} << 40) - 2;

 private:
  static constexpr uint32_t kSlots = 8;
  struct alignas(64) Bucket {
    std::array<uint64_t, kSlots> entries;
  };
  struct Unmap {
    uint64_t bytes = 0;
    void operator()(Bucket* buckets) const noexcept;
  };

  ChunkIndex(uint64_t buckets, Bucket* memory) noexcept;
  [[nodiscard]] uint64_t home(uint64_t key) const noexcept;
  [[nodiscard]] uint64_t other(uint64_t bucket, uint64_t tag) const noexcept;
  [[nodiscard]] uint64_t* slot_of(uint64_t bucket, uint64_t tag) const noexcept;
  [[nodiscard]] bool make_room(uint64_t bucket, uint32_t depth) noexcept;

  uint64_t count_ = 0;  ///< entries
  uint64_t bucket_count_ = 0;
  std::unique_ptr<Bucket[], Unmap> buckets_;
};

}  // namespace pfs::reduce
