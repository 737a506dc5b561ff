#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <vector>

#include "base/splitmix.hpp"
#include "blob/layout.hpp"
#include "gram/building/builder.hpp"
#include "reduce/chunk_index.hpp"
#include "reduce/chunker.hpp"
#include "reduce/matcher.hpp"

namespace pfs::reduce::test {

using Bytes = std::vector<uint8_t>;

inline Bytes random_bytes(size_t count, uint64_t seed) {
  SplitMix64 random(seed);
  Bytes bytes((count + 7) / 8 * 8);
  for (size_t i = 0; i < bytes.size(); i += 8) {
    const uint64_t word = random.next();
    std::memcpy(&bytes[i], &word, 8);
  }
  bytes.resize(count);
  return bytes;
}

/// Bytes as files have them: stretches of random bytes, of text of few letters, of a short period, and of zeros.
inline Bytes mixed_bytes(size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  Bytes bytes;
  while (bytes.size() < count) {
    const size_t length = 1 + random() % (random() % 4 == 0 ? 20000 : 1500);
    const uint64_t kind = random() % 4;
    const size_t period = 1 + random() % 40;
    for (size_t i = 0; i < length; ++i) {
      if (kind == 0) bytes.push_back(static_cast<uint8_t>(random()));
      if (kind == 1) bytes.push_back(static_cast<uint8_t>('a' + random() % 6));
      if (kind == 2) bytes.push_back(i < period ? static_cast<uint8_t>(random()) : bytes[bytes.size() - period]);
      if (kind == 3) bytes.push_back(0);
    }
  }
  bytes.resize(count);
  return bytes;
}

inline void append(Bytes& to, std::span<const uint8_t> bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

/// Another version of some bytes: with stretches put in, left out, overwritten and moved.
inline Bytes edited(std::span<const uint8_t> bytes, uint64_t seed, size_t edits) {
  std::mt19937_64 random(seed);
  Bytes out(bytes.begin(), bytes.end());
  for (size_t i = 0; i < edits && !out.empty(); ++i) {
    const auto at = static_cast<ptrdiff_t>(random() % out.size());
    const auto length =
        static_cast<ptrdiff_t>(std::min<size_t>(1 + random() % 300, out.size() - static_cast<size_t>(at)));
    const Bytes fresh = random_bytes(1 + random() % 300, random());
    switch (random() % 4) {
      case 0:
        out.insert(out.begin() + at, fresh.begin(), fresh.end());
        break;
      case 1:
        out.erase(out.begin() + at, out.begin() + at + length);
        break;
      case 2:
        out[static_cast<size_t>(at)] ^= 0x55;
        break;
      default:
        std::rotate(out.begin() + at, out.begin() + at + length / 2, out.begin() + at + length);
        break;
    }
  }
  return out;
}

/// Counts the frames that a builder makes, and their bytes.
struct CountingSink final : FrameSink {
  std::span<uint8_t> open() noexcept override { return room; }
  void close(uint32_t used, uint64_t) noexcept override {
    bytes += used;
    ++frames;
  }
  Bytes room = Bytes(65536);
  uint64_t bytes = 0;
  uint64_t frames = 0;
};

/// The index of all chunks of `blob` from `from` on.
inline ChunkIndex index_of(std::span<const uint8_t> blob, const Chunker& chunker, size_t from = 0) {
  ChunkIndex index = ChunkIndex::create(blob.size() / chunker.least() + 16).value();
  for (size_t at = from; at < blob.size();) {
    const size_t length = chunker.length(blob.data() + at, blob.size() - at);
    index.insert(chunk_key(blob.data() + at, length), at);
    at += length;
  }
  return index;
}

}  // namespace pfs::reduce::test
