#include <immintrin.h>

#include "simd/fnv1a/fnv1a.hpp"

// Each stream has a lane, each register has eight lanes, and up to eight registers go side by side, because a product
// takes long and several must be under way. 64 bytes of each of eight streams are transposed into eight registers of
// eight bytes a stream.
namespace pfs::simd_detail {
namespace {

constexpr uint64_t kLanes = 8;
constexpr uint64_t kBlock = 64;       // bytes of each stream a step
constexpr uint64_t kGroupsMax = 8;    // registers of lanes at once
constexpr uint64_t kWorthwhile = 20;  // streams; below, so few products are under way that four scalar ones are faster

/// Eight rows of eight u64 become eight columns.
[[gnu::always_inline]] inline void transpose(__m512i (&rows)[8]) noexcept {
  __m512i t[8];
  for (size_t i = 0; i < 8; i += 2) {
    t[i] = _mm512_unpacklo_epi64(rows[i], rows[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi64(rows[i], rows[i + 1]);
  }
  for (size_t i = 0; i < 2; ++i) {
    // Columns i, i + 2, i + 4, i + 6 from the even and odd pairs of rows.
    const __m512i a = _mm512_shuffle_i64x2(t[i], t[i + 2], 0x88);
    const __m512i b = _mm512_shuffle_i64x2(t[i], t[i + 2], 0xDD);
    const __m512i c = _mm512_shuffle_i64x2(t[i + 4], t[i + 6], 0x88);
    const __m512i d = _mm512_shuffle_i64x2(t[i + 4], t[i + 6], 0xDD);
    rows[i] = _mm512_shuffle_i64x2(a, c, 0x88);
    rows[i + 4] = _mm512_shuffle_i64x2(a, c, 0xDD);
    rows[i + 2] = _mm512_shuffle_i64x2(b, d, 0x88);
    rows[i + 6] = _mm512_shuffle_i64x2(b, d, 0xDD);
  }
}

/// 64 bytes of each of eight streams, from byte `at` on: eight bytes of every stream a register.
[[gnu::always_inline]] inline void load_words(__m512i (&words)[8], const FnvStream* streams, uint64_t at) noexcept {
  for (size_t i = 0; i < kLanes; ++i) words[i] = _mm512_loadu_si512(streams[i].data + at);
  transpose(words);
}

/// Takes `blocks` blocks from each of kGroups * 8 streams.
template <size_t kGroups>
[[gnu::noinline]] void take_blocks(FnvStream* streams, uint64_t blocks) noexcept {
  const __m512i prime = _mm512_set1_epi64(static_cast<int64_t>(kFnv1aPrime));
  __m512i byte[8];  // shuffles that leave one byte of each u64, as a number
  for (size_t b = 0; b < 8; ++b) {
    const auto place = static_cast<int64_t>(0x8080808080808000U | b);
    byte[b] = _mm512_set_epi64(place | 8, place, place | 8, place, place | 8, place, place | 8, place);
  }
  __m512i state[kGroups];
  for (size_t g = 0; g < kGroups; ++g) {
    uint64_t lane[kLanes];
    for (size_t i = 0; i < kLanes; ++i) lane[i] = streams[g * kLanes + i].state;
    state[g] = _mm512_loadu_si512(lane);
  }
  // The next block's words are made between this block's products, which leave the shuffle's port idle.
  __m512i words[2][kGroups][8];
  for (size_t g = 0; g < kGroups; ++g) load_words(words[0][g], streams + g * kLanes, 0);
  for (uint64_t block = 0; block < blocks; ++block) {
    const uint64_t next_block = block + 1 < blocks ? block + 1 : block;
    for (size_t w = 0; w < 8; ++w) {
      __m512i word[kGroups];
      for (size_t g = 0; g < kGroups; ++g) word[g] = words[block % 2][g][w];
#pragma GCC unroll 1  // unrolled, GCC moves all the shuffles ahead of the products and spills them
      for (size_t b = 0; b < 8; ++b) {
        for (size_t g = 0; g < kGroups; ++g) {
          const __m512i next = _mm512_shuffle_epi8(word[g], byte[b]);
          state[g] = _mm512_mullo_epi64(_mm512_xor_si512(state[g], next), prime);
        }
      }
      if (w < kGroups) load_words(words[(block + 1) % 2][w], streams + w * kLanes, next_block * kBlock);
    }
  }
  for (size_t g = 0; g < kGroups; ++g) {
    uint64_t lane[kLanes];
    _mm512_storeu_si512(lane, state[g]);
    for (size_t i = 0; i < kLanes; ++i) {
      FnvStream& stream = streams[g * kLanes + i];
      stream = {stream.data + blocks * kBlock, stream.bytes - blocks * kBlock, lane[i]};
    }
  }
}

/// Streams under way: as many as fit the lanes, refilled from those that wait.
class Lanes {
 public:
  explicit Lanes(std::span<FnvStream> streams) noexcept : waiting_(streams) { fill(); }

  void run() noexcept {
    while (count_ >= kWorthwhile) {
      uint64_t blocks = UINT64_MAX;
      for (uint64_t i = 0; i < count_; ++i) {
        if (lane_[i].bytes / kBlock < blocks) blocks = lane_[i].bytes / kBlock;
      }
      take(blocks);
      retire();
      fill();
    }
    fnv1a_many_scalar({lane_, count_});
    for (uint64_t i = 0; i < count_; ++i) *owner_[i] = lane_[i];
  }

 private:
  void take(uint64_t blocks) noexcept {
    const uint64_t groups = (count_ + kLanes - 1) / kLanes;
    // Lanes without a stream take along the first one's bytes; what comes out is thrown away.
    const uint64_t wide = groups <= 1 ? 1 : groups <= 2 ? 2 : groups <= 4 ? 4 : 8;
    for (uint64_t i = count_; i < wide * kLanes; ++i) lane_[i] = lane_[0];
    if (wide == 1) return take_blocks<1>(lane_, blocks);
    if (wide == 2) return take_blocks<2>(lane_, blocks);
    if (wide == 4) return take_blocks<4>(lane_, blocks);
    take_blocks<8>(lane_, blocks);
  }

  void finish(uint64_t lane) noexcept {
    fnv1a_advance(lane_[lane], lane_[lane].bytes);
    *owner_[lane] = lane_[lane];
  }

  void retire() noexcept {
    uint64_t kept = 0;
    for (uint64_t i = 0; i < count_; ++i) {
      if (lane_[i].bytes < kBlock) {
        finish(i);
        continue;
      }
      lane_[kept] = lane_[i];
      owner_[kept++] = owner_[i];
    }
    count_ = kept;
  }

  void fill() noexcept {
    while (count_ < kGroupsMax * kLanes && next_ < waiting_.size()) {
      lane_[count_] = waiting_[next_];
      owner_[count_++] = &waiting_[next_++];
      if (lane_[count_ - 1].bytes < kBlock) finish(--count_);
    }
  }

  std::span<FnvStream> waiting_;
  uint64_t next_ = 0;
  uint64_t count_ = 0;
  FnvStream lane_[kGroupsMax * kLanes];
  FnvStream* owner_[kGroupsMax * kLanes];
};

}  // namespace

void fnv1a_many_avx512(std::span<FnvStream> streams) noexcept { Lanes(streams).run(); }

}  // namespace pfs::simd_detail
