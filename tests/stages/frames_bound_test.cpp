#include "stages/file_source/frames_bound.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "gram/building/builder.hpp"

namespace pfs {
namespace {

/// Counts frames and keeps none.
class Count final : public FrameSink {
 public:
  explicit Count(uint32_t mtu) : room_(mtu) {}
  std::span<uint8_t> open() noexcept override { return room_; }
  void close(uint32_t bytes, uint64_t /*denoted*/) noexcept override { frames += bytes != 0 ? 1 : 0; }
  uint64_t frames = 0;

 private:
  std::vector<uint8_t> room_;
};

TEST(FramesBound, HoldsForTheWorstFilesAtEveryMtu) {
  std::vector<uint8_t> memory(4 << 20);
  const std::string name(255, 'n');
  for (const uint32_t block : {64u, 4096u}) {
    const BlobView blob = {.data = memory.data(), .layout = {.size = memory.size(), .block = block}};
    const uint64_t blocks = (memory.size() - blob.layout.l3) / 64;
    for (const uint32_t mtu : {500u, 576u, 1000u, 1500u, 4000u, 9000u}) {
      for (uint32_t seed = 0; seed < 24; ++seed) {
        std::mt19937 random(seed);
        const uint64_t gram_bytes = 64 * (1 + random() % 2048);
        const uint32_t literal_percent = seed % 4 == 0 ? 100 : seed % 4 == 1 ? 50 : random() % 101;
        std::vector<Descriptor> pieces;
        for (uint64_t at = 0; at < gram_bytes; at += 64) {
          const bool literal = seed % 4 == 1 ? at / 64 % 2 == 0 : random() % 100 < literal_percent;
          pieces.push_back(literal ? slab_range(at, 64) : blob_range(blob.layout.l3 + random() % blocks * 64, 64));
        }
        const FileUnit file = {.size = gram_bytes, .name = name};
        GramBuilder builder({.payload_bytes = mtu, .window_pow2 = seed % 17, .prp = seed % 2 == 0, .session = 1}, blob);
        Count count(mtu);
        ASSERT_TRUE(builder.build({.pieces = pieces, .slab = memory.data(), .file = &file}, count));
        ASSERT_LE(count.frames, frames_bound(gram_bytes, mtu))
            << "mtu " << mtu << " block " << block << " bytes " << gram_bytes << " seed " << seed;
      }
    }
  }
}

TEST(FramesBound, IsNotWasteful) {
  EXPECT_LE(frames_bound(256 * 1024, 1500), 256 * 1024 / 1400 * 13 / 10);
  EXPECT_LE(frames_bound(256 * 1024, 9000), 40u);
}

}  // namespace
}  // namespace pfs
