#include "stages/file_sink/receipts.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace pfs {
namespace {

Receipt to(uint16_t stream) { return {.asker = {.path = {}, .stream = stream, .gram = 0}}; }

/// Collects the streams that were told, and takes the receipts or does not.
struct Told {
  std::vector<uint16_t> streams;
  bool takes = true;
  uint32_t poll(Receipts& receipts, uint64_t now) {
    return receipts.poll(now, [this](const Receipt& receipt) {
      streams.push_back(receipt.asker.stream);
      return takes;
    });
  }
};

TEST(Receipts, OneIsGivenOnce) {
  Receipts receipts(8, 10);
  EXPECT_TRUE(receipts.empty());
  receipts.add(to(1));
  EXPECT_FALSE(receipts.empty());
  Told told;
  for (uint64_t now = 100; now < 200; ++now) told.poll(receipts, now);
  EXPECT_EQ(told.streams, std::vector<uint16_t>{1});
  EXPECT_TRUE(receipts.empty());
}

TEST(Receipts, OneThatIsNotTakenIsTriedAgainEachPauseUntilItIs) {
  Receipts receipts(8, 10);
  receipts.add(to(1));
  Told told;
  told.takes = false;
  std::vector<uint64_t> times;
  for (uint64_t now = 100; now < 130; ++now)
    if (told.poll(receipts, now) != 0) times.push_back(now);
  EXPECT_EQ(times, (std::vector<uint64_t>{100, 110, 120}));
  EXPECT_FALSE(receipts.empty());
  told.takes = true;
  EXPECT_EQ(told.poll(receipts, 129), 0u);
  EXPECT_EQ(told.poll(receipts, 130), 1u);
  EXPECT_TRUE(receipts.empty());
}

TEST(Receipts, SeveralWaitSideBySide) {
  Receipts receipts(8, 10);
  Told told;
  told.takes = false;
  receipts.add(to(1));
  EXPECT_EQ(told.poll(receipts, 100), 1u);
  receipts.add(to(2));
  EXPECT_EQ(told.poll(receipts, 101), 1u);
  EXPECT_EQ(told.poll(receipts, 109), 0u);
  EXPECT_EQ(told.poll(receipts, 110), 1u);
  EXPECT_EQ(told.poll(receipts, 111), 1u);
  EXPECT_EQ(told.streams, (std::vector<uint16_t>{1, 2, 1, 2}));
}

TEST(Receipts, TheTableIsBoundedAndTheOldestGoes) {
  Receipts receipts(3, 10);
  for (uint16_t stream = 0; stream < 5; ++stream) receipts.add(to(stream));
  Told told;
  told.poll(receipts, 0);
  EXPECT_EQ(told.streams, (std::vector<uint16_t>{2, 3, 4}));
}

}  // namespace
}  // namespace pfs
