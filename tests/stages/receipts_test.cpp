#include "stages/file_sink/receipts.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace pfs {
namespace {

using Fate = Receipts::Fate;

Receipt to(uint16_t stream, uint32_t gram = 0) {
  return {.sender = {.port = 0, .stream = stream, .source = {}}, .asker = {.path = {}, .stream = stream, .gram = gram}};
}

/// Collects the streams that were told, and answers each with `fate`.
struct Told {
  std::vector<uint16_t> streams;
  Fate fate = Fate::kTaken;
  uint32_t poll(Receipts& receipts, uint64_t now) {
    return receipts.poll(now, [this](const Receipt& receipt) {
      streams.push_back(receipt.asker.stream);
      return fate;
    });
  }
};

TEST(Receipts, OneThatMayGetLostIsRepeatedEachPauseUntilItsTimeIsOver) {
  Receipts receipts(8, 10, 35);
  receipts.add(to(1), false);
  Told told;
  std::vector<uint64_t> times;
  for (uint64_t now = 100; now < 300; ++now)
    if (told.poll(receipts, now) != 0) times.push_back(now);
  EXPECT_EQ(times, (std::vector<uint64_t>{100, 110, 120, 130}));
  EXPECT_TRUE(receipts.empty());
}

TEST(Receipts, OneThatMayGetLostAndIsNotRepeatedGoesOutOnce) {
  Receipts receipts(8, 10, 0);
  receipts.add(to(1), false);
  Told told;
  EXPECT_EQ(told.poll(receipts, 5), 1u);
  EXPECT_EQ(told.poll(receipts, 5), 0u);
  EXPECT_TRUE(receipts.empty());
}

TEST(Receipts, OneThatArrivesIsGivenUntilItIsTakenAndNotAgain) {
  Receipts receipts(8, 10, 35);
  receipts.add(to(1), true);
  Told told;
  told.fate = Fate::kNotTaken;
  for (uint64_t now = 100; now < 200; ++now) told.poll(receipts, now);
  EXPECT_EQ(told.streams.size(), 10u) << "each pause, beyond the time of repetitions";
  EXPECT_FALSE(receipts.empty());
  told.fate = Fate::kTaken;
  for (uint64_t now = 200; now < 400; ++now) told.poll(receipts, now);
  EXPECT_EQ(told.streams.size(), 11u);
  EXPECT_TRUE(receipts.empty());
}

TEST(Receipts, OneWhoseSenderIsGoneIsNotRepeated) {
  Receipts receipts(8, 10, 1000);
  receipts.add(to(1), false);
  Told told;
  told.poll(receipts, 0);
  EXPECT_FALSE(receipts.empty());
  told.fate = Fate::kUnwanted;
  told.poll(receipts, 10);
  EXPECT_TRUE(receipts.empty());
}

TEST(Receipts, SeveralAreGivenSideBySide) {
  Receipts receipts(8, 10, 35);
  Told told;
  receipts.add(to(1), false);
  EXPECT_EQ(told.poll(receipts, 100), 1u);
  receipts.add(to(2), false);
  EXPECT_EQ(told.poll(receipts, 101), 1u);
  EXPECT_EQ(told.poll(receipts, 109), 0u);
  EXPECT_EQ(told.poll(receipts, 110), 1u);
  EXPECT_EQ(told.poll(receipts, 111), 1u);
  EXPECT_EQ(told.streams, (std::vector<uint16_t>{1, 2, 1, 2}));
}

TEST(Receipts, ASenderIsToldOfItsLastFileOnly) {
  Receipts receipts(8, 10, 1000);
  Told told;
  receipts.add(to(1, 5), false);
  receipts.add(to(2), false);
  receipts.add(to(1, 6), false);
  std::vector<uint32_t> grams;
  receipts.poll(0, [&](const Receipt& receipt) {
    grams.push_back(receipt.asker.gram);
    return Fate::kTaken;
  });
  EXPECT_EQ(grams, (std::vector<uint32_t>{0, 6}));
  receipts.stop(to(1).sender);
  receipts.stop(to(2).sender);
  EXPECT_TRUE(receipts.empty());
}

TEST(Receipts, AReceiptThatArrivesIsNotReplacedByTheNextOne) {
  Receipts receipts(8, 10, 1000);
  Told told;
  receipts.add(to(1), true);
  receipts.add(to(1), true);
  receipts.stop(to(1).sender);
  EXPECT_EQ(told.poll(receipts, 0), 2u);
}

TEST(Receipts, TheTableIsBoundedAndTheOldestGoes) {
  Receipts receipts(3, 10, 1000);
  for (uint16_t stream = 0; stream < 5; ++stream) receipts.add(to(stream), false);
  Told told;
  told.poll(receipts, 0);
  EXPECT_EQ(told.streams, (std::vector<uint16_t>{2, 3, 4}));
}

}  // namespace
}  // namespace pfs
