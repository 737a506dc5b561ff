#include "stages/session/lines.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pfs {
namespace {

TEST(Lines, OfAFloodFewAreSaidASecondAndTheOthersAreNotEvenWritten) {
  Lines lines;
  uint64_t written = 0;
  const auto line = [&] { return "line " + std::to_string(++written); };
  for (uint64_t second = 1; second <= 3; ++second)
    for (uint64_t i = 0; i < 1000; ++i) lines.say(second * transport::kSecond + i * transport::kMicrosecond, line);
  EXPECT_EQ(written, 3 * Lines::kASecond);
  EXPECT_EQ(lines.withheld(), 3000 - 3 * Lines::kASecond);
}

}  // namespace
}  // namespace pfs
