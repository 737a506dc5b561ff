#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "../assembling/rig.hpp"
#include "gram/building/builder.hpp"

namespace pfs::test {

/// Keeps what was built. Each frame has exactly the mtu's bytes on the heap: a byte behind them is the sanitizer's to
/// see. Refuses the frame numbered `dry`.
class Frames final : public FrameSink {
 public:
  explicit Frames(uint32_t mtu, size_t dry = SIZE_MAX) : mtu_(mtu), dry_(dry) {}
  std::span<uint8_t> open() noexcept override {
    EXPECT_EQ(room_, nullptr) << "opened before the one before was closed";
    if (payloads.size() == dry_) return {};
    room_ = std::make_unique<uint8_t[]>(mtu_);
    return {room_.get(), mtu_};
  }
  void close(uint32_t bytes, uint64_t denoted) noexcept override {
    EXPECT_NE(room_, nullptr);
    EXPECT_LE(bytes, mtu_);
    if (bytes > 0) {
      payloads.emplace_back(room_.get(), room_.get() + bytes);
      this->denoted.push_back(denoted);
    }
    room_ = nullptr;
  }
  [[nodiscard]] size_t bytes() const {
    size_t sum = 0;
    for (const Bytes& payload : payloads) sum += payload.size();
    return sum;
  }
  [[nodiscard]] bool open_now() const { return room_ != nullptr; }
  std::vector<Bytes> payloads;
  std::vector<uint64_t> denoted;  // bytes, by frame

 private:
  uint32_t mtu_;
  size_t dry_;
  std::unique_ptr<uint8_t[]> room_;
};

using Table = std::vector<Descriptor>;

inline uint64_t bytes_of(const Table& table) {
  uint64_t sum = 0;
  for (const Descriptor& range : table) sum += range.length;
  return sum;
}

inline Table merged(const Table& table) {
  Table out;
  for (const Descriptor& range : table) {
    if (!out.empty() && out.back().space == range.space && out.back().offset + out.back().length == range.offset) {
      out.back().length = out.back().length + range.length;
    } else {
      out.push_back(range);
    }
  }
  return out;
}

/// Pieces of every kind, in stretches: bytes, words, blocks, strides, anything, and literals.
inline Table random_pieces(std::mt19937_64& rng, size_t count, bool literals, uint64_t& slab_bytes) {
  Table pieces;
  slab_bytes = 0;
  const auto below = [&](uint64_t bound) { return rng() % bound; };
  while (pieces.size() < count) {
    const uint64_t stretch = 1 + below(70);
    const uint64_t base = below(kBlobBytes / 2);
    const uint64_t step = 1 + below(2000);
    const uint64_t kind = below(literals ? 6 : 5);
    for (uint64_t i = 0; i < stretch && pieces.size() < count; ++i) {
      if (kind == 0) pieces.push_back(blob_range(4096 + below(250), 1 + below(6)));
      if (kind == 1) pieces.push_back(blob_range(8192 + 8 * below(65000), 8 * (1 + below(3))));
      if (kind == 2) pieces.push_back(blocks(below(16000), 1 + below(4)));
      if (kind == 3) pieces.push_back(blob_range(base + i * step, 1 + below(step)));
      if (kind == 4) pieces.push_back(blob_range(below(kBlobBytes / 2), 1 + below(100000)));
      if (kind == 5 && i == 0) {
        pieces.push_back(slab_range(slab_bytes, 1 + below(400)));
        slab_bytes += pieces.back().length;
      }
    }
  }
  return pieces;
}

inline const BlobView kBlob{.layout = {.size = kBlobBytes}, .id = kBlobId};

}  // namespace pfs::test
