#include "reduce/build_index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "support.hpp"

namespace pfs::reduce {
namespace {

using namespace test;

constexpr uint64_t kMiB = 1 << 20;

void forwards(size_t count, const std::function<void(size_t)>& body) {
  for (size_t i = 0; i < count; ++i) body(i);
}
void backwards(size_t count, const std::function<void(size_t)>& body) {
  for (size_t i = count; i-- > 0;) body(i);
}
void threads(size_t count, const std::function<void(size_t)>& body) {
  std::vector<std::jthread> workers;
  for (size_t worker = 0; worker < 3; ++worker) {
    workers.emplace_back([=, &body] {
      for (size_t i = worker; i < count; i += 3) body(i);
    });
  }
}

TEST(BuildChunkIndex, IsTheSameWhoeverDoesTheWork) {
  const Chunker chunker;
  for (const uint64_t seed : {1, 2, 3}) {
    Bytes memory = mixed_bytes(11 * kMiB, seed);                                        // more than one part
    std::copy_n(memory.begin() + 2 * kMiB, 2 * kMiB, memory.begin() + 8 * kMiB + 100);  // some of it twice
    const BlobView blob{.data = memory.data(), .layout = make_layout(11 * kMiB, 64).value()};
    const uint64_t from = kMiB + 77;
    std::vector<std::pair<uint64_t, uint64_t>> chunks;  // key, offset
    for (uint64_t at = from; at < memory.size();) {
      const size_t length = chunker.length(&memory[at], memory.size() - at);
      chunks.emplace_back(chunk_key(&memory[at], length), at);
      at += length;
    }
    for (const ParallelFor& order : {ParallelFor(forwards), ParallelFor(backwards), ParallelFor(threads)}) {
      const BuiltIndex built = build_chunk_index(blob, from, chunker, order).value();
      ASSERT_EQ(built.chunks, chunks.size());
      EXPECT_EQ(built.no_room, 0u);
      EXPECT_EQ(built.index.count() + built.equal, chunks.size());
      EXPECT_GT(built.equal, 1000u);
      std::vector<std::pair<uint64_t, uint64_t>> first = chunks;  // of equal keys the first
      std::stable_sort(first.begin(), first.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      first.erase(
          std::unique(first.begin(), first.end(), [](const auto& a, const auto& b) { return a.first == b.first; }),
          first.end());
      EXPECT_EQ(built.index.count(), first.size());
      for (const auto& [key, offset] : first) ASSERT_EQ(built.index.find(key), offset) << "seed " << seed;
    }
  }
}

TEST(BuildChunkIndex, ABlobWithoutAnythingToEnterIsAnEmptyIndex) {
  Bytes memory(2 * kMiB);
  const BlobView blob{.data = memory.data(), .layout = make_layout(2 * kMiB, 64).value()};
  const BuiltIndex built = build_chunk_index(blob, 2 * kMiB, Chunker(), forwards).value();
  EXPECT_EQ(built.chunks, 0u);
  EXPECT_EQ(built.index.count(), 0u);
}

}  // namespace
}  // namespace pfs::reduce
