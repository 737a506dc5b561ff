#include "base/input.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace pfs {
namespace {

std::string text_of(std::span<const uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

/// An Input that reads what `chunks` write into a pipe one after the other.
class Piped {
 public:
  explicit Piped(std::vector<std::string> chunks) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
    input = std::make_unique<Input>(*Input::open(fmt::format("/proc/self/fd/{}", ends[0])));
    ::close(ends[0]);
    writer_ = std::thread([chunks = std::move(chunks), end = ends[1]] {
      for (const std::string& chunk : chunks) EXPECT_EQ(::write(end, chunk.data(), chunk.size()), std::ssize(chunk));
      ::close(end);
    });
  }
  ~Piped() { writer_.join(); }

  std::unique_ptr<Input> input;

 private:
  std::thread writer_;
};

TEST(Input, APeekTakesNothingAndGathersWhatAPipeGivesInPieces) {
  Piped piped({"a", "bc", "defg"});
  EXPECT_EQ(text_of(*piped.input->peek(4)), "abcd");
  EXPECT_EQ(text_of(*piped.input->peek(2)), "ab");
  EXPECT_EQ(piped.input->taken(), 0u);
  std::array<uint8_t, 3> bytes{};
  EXPECT_EQ(*piped.input->read(bytes), 3u);
  EXPECT_EQ(piped.input->taken(), 3u);
  EXPECT_EQ(text_of(*piped.input->peek(100)), "defg");
}

TEST(Input, LinesMayBeLongerThanTheBufferAndTheLastNeedsNoEnd) {
  const std::string longest(3 * Input::kBufferBytes + 7, 'x');
  Piped piped({"first\n\n", longest, "\nlast"});
  std::string line;
  for (const std::string& expected : {std::string("first"), std::string(), longest, std::string("last")}) {
    EXPECT_TRUE(*piped.input->line(line));
    EXPECT_EQ(line, expected);
  }
  EXPECT_FALSE(*piped.input->line(line));
  EXPECT_EQ(piped.input->taken(), 5 + 2 + longest.size() + 1 + 4);
}

TEST(Input, WhatCannotBeOpenedOrReadIsNamed) {
  EXPECT_EQ(Input::open("/nowhere/file").error().line(),
            "/nowhere/file: cannot be opened: No such file or directory; check the path");
  auto folder = Input::open("/");
  EXPECT_EQ(folder->peek(1).error().line(), "/: cannot be read: Is a directory; check the file");
}

}  // namespace
}  // namespace pfs
