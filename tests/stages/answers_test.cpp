#include "stages/answers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "wire/frame.hpp"
#include "wire/sending/writer.hpp"

namespace pfs {
namespace {

std::vector<uint8_t> frame(uint16_t stream, const std::vector<uint8_t>& units) {
  std::vector<uint8_t> payload(kFrameHeaderBytes + units.size());
  write_frame(payload.data(), {.stream = stream, .length = static_cast<uint16_t>(units.size())});
  std::copy(units.begin(), units.end(), payload.begin() + kFrameHeaderBytes);
  return payload;
}

const std::vector<uint8_t> kAck = {0xF3, 0, 0, 1, 2, 0, 0, 4, 0};
const std::vector<uint8_t> kDone = {0xD2, 5, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 0, 2, 0xAA, 0xBB};  // gram 9
const std::vector<uint8_t> kRefused = {0xD2, 5, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};           // gram 8

/// What a sender on stream 6 hears that has sent `grams` grams of op 5.
Drop read(const std::vector<uint8_t>& payload, Answers& answers, uint32_t grams = 0) {
  AwaitedResults awaited(5);
  for (uint32_t gram = 0; gram < grams; ++gram) awaited.sent(0);
  return read_answers(payload, 6, awaited, 0, answers);
}

std::vector<uint8_t> receipt(uint8_t status) {
  std::vector<uint8_t> unit(extension_bytes(kReceiptFixedBytes));
  ReceiptUnit content = {.status = status, .size = 77};
  content.sha256.fill(3);
  UnitWriter(unit).receipt(content);
  return unit;
}

std::vector<uint8_t> operator+(std::vector<uint8_t> left, const std::vector<uint8_t>& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

TEST(Answers, ReceiptAndResultsAreHeardAmongOthers) {
  const std::vector<uint8_t> other = {0xF1, 0, 3, 0xF2, 0, 0, 0, 0, 1, 0, 0, 0xE9, 0, 1, 42};
  Answers answers;
  ASSERT_EQ(read(frame(6, other + kAck + kDone + kRefused + receipt(1)), answers, 10), Drop::kNone);
  ASSERT_TRUE(answers.receipt);
  EXPECT_EQ(answers.receipt->status, 1);
  EXPECT_EQ(answers.receipt->size, 77u);
  EXPECT_EQ(answers.done, 1u);
  EXPECT_EQ(answers.refused, 1u);
}

TEST(Answers, UnitsOfSessionsAreSkipped) {
  std::vector<uint8_t> units;
  for (uint8_t tag = 0xE4; tag <= 0xEA; ++tag) {
    for (const uint8_t length : {22, 36, 0}) {  // of CARRY and BYE, of SACK, and of none
      units = units + std::vector<uint8_t>{tag, 0, length} + std::vector<uint8_t>(length, 0xFF);
    }
  }
  Answers answers;
  ASSERT_EQ(read(frame(6, units + kAck + units + kDone + receipt(0) + units), answers, 10), Drop::kNone);
  ASSERT_TRUE(answers.receipt);
  EXPECT_EQ(answers.receipt->status, 0);
  EXPECT_EQ(answers.done, 1u);
  EXPECT_EQ(read(frame(6, units + std::vector<uint8_t>{0xE4, 0, 22, 1}), answers, 10), Drop::kTruncated);
}

TEST(Answers, AReceiptAnswersTheGramOfItsFrame) {
  std::vector<uint8_t> payload = frame(6, receipt(0));
  write_frame(payload.data(), {.stream = 6, .gram = 0xFFFFFFF0, .length = static_cast<uint16_t>(receipt(0).size())});
  Answers answers;
  ASSERT_EQ(read(payload, answers), Drop::kNone);
  ASSERT_TRUE(answers.receipt);
  EXPECT_EQ(answers.receipt_gram, 0xFFFFFFF0u);
}

TEST(Answers, EachGramIsAnsweredOnceAndNoneThatWasNotSent) {
  AwaitedResults awaited(5);
  for (int gram = 0; gram < 10; ++gram) awaited.sent(0);
  const auto say = [&](const std::vector<uint8_t>& units, uint32_t done, uint32_t refused) {
    Answers answers;
    const Drop fault = read_answers(frame(6, units), 6, awaited, 0, answers);
    EXPECT_EQ(answers.done, done);
    EXPECT_EQ(answers.refused, refused);
    return fault;
  };
  EXPECT_EQ(say(kDone, 1, 0), Drop::kNone);
  EXPECT_EQ(say(kDone, 0, 0), Drop::kDuplicate);
  EXPECT_EQ(say(kDone + kRefused, 0, 1), Drop::kNone) << "the frame says something new";
  std::vector<uint8_t> next = kDone;
  next[7] = 10;
  EXPECT_EQ(say(next, 0, 0), Drop::kUnasked);
  EXPECT_EQ(say(next + receipt(0), 0, 0), Drop::kNone) << "the RECEIPT is new";
  awaited.sent(0);
  EXPECT_EQ(say(next, 1, 0), Drop::kNone);
  std::vector<uint8_t> other_op = kDone;
  other_op[1] = 4;
  other_op[7] = 3;
  EXPECT_EQ(say(other_op, 0, 0), Drop::kUnasked);
}

TEST(Answers, ResultsAreMatchedWithinTheWindow) {
  constexpr uint32_t kWindow = AwaitedResults::kWindow;
  AwaitedResults awaited(5);
  const auto match = [&](uint32_t gram) { return awaited.match({.op = 5, .gram = gram}, 0); };
  for (uint32_t gram = 0; gram <= kWindow; ++gram) awaited.sent(0);
  EXPECT_EQ(match(0), Drop::kUnasked) << "too long ago";
  EXPECT_EQ(match(1), Drop::kNone);
  EXPECT_EQ(match(kWindow), Drop::kNone) << "its bit was gram 0's";
  EXPECT_EQ(match(kWindow), Drop::kDuplicate);
  EXPECT_EQ(match(kWindow + 1), Drop::kUnasked);
}

TEST(Answers, WithoutAnOpNoResultIsAwaited) {
  AwaitedResults awaited(0);
  awaited.sent(0);
  EXPECT_EQ(awaited.match({.op = 0, .gram = 0}, 0), Drop::kUnasked);
}

TEST(Answers, AnotherStreamsFrameSaysNothing) {
  Answers answers;
  EXPECT_EQ(read(frame(7, kAck + receipt(0)), answers), Drop::kNone);
  EXPECT_FALSE(answers.receipt);
}

TEST(Answers, AFaultyFrameIsNamedAndSaysNothing) {
  Answers answers;
  EXPECT_EQ(read(frame(6, receipt(0) + std::vector<uint8_t>{0xDF}), answers), Drop::kBadUnit);
  EXPECT_EQ(read(frame(6, receipt(0) + std::vector<uint8_t>{0xF3, 0}), answers), Drop::kTruncated);
  EXPECT_EQ(read({}, answers), Drop::kTruncated);
  EXPECT_EQ(read(std::vector<uint8_t>{0xC0}, answers), Drop::kBareUnconfigured);
  EXPECT_FALSE(answers.receipt);
}

TEST(Answers, RandomBytesAreSurvived) {
  for (uint32_t seed = 0; seed < 20000; ++seed) {
    std::mt19937 random(seed);
    std::vector<uint8_t> units(random() % 80);
    for (uint8_t& byte : units) byte = static_cast<uint8_t>(random());
    const std::vector<uint8_t> whole = random() % 2 == 0 ? units : frame(6, units);
    // A copy of its exact size: reading behind it is the sanitizer's to see.
    const std::vector<uint8_t> payload(whole.begin(), whole.end());
    Answers answers;
    const Drop fault = read(payload, answers);
    ASSERT_TRUE(fault == Drop::kNone || !answers.receipt) << "seed " << seed;
  }
}

}  // namespace
}  // namespace pfs
