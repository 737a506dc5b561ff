// Text that was made to hurt the parser. Each ends in one short line; the suite's time limit sees to "quickly".
#include <fmt/format.h>

#include <random>

#include "support.hpp"

namespace pfs {
namespace {

std::string repeat(std::string_view piece, size_t times) {
  std::string text;
  for (size_t count = 0; count < times; ++count) text += piece;
  return text;
}

std::string parse_error(std::string_view text) { return error_of(parse_yaml(text, "t.yaml")); }

constexpr const char* kTooDeep = ": more than 32 maps and lists in each other";

TEST(Hostile, Depth32IsTakenAnd33IsNot) {
  EXPECT_EQ(parse_error(repeat("[", 32) + repeat("]", 32)), "no error");
  EXPECT_EQ(parse_error(repeat("[", 33) + repeat("]", 33)), std::string("t.yaml:1") + kTooDeep);
}

TEST(Hostile, DeepNestingOfEveryKindIsRefused) {
  std::string block;
  for (size_t depth = 0; depth < 600; ++depth) block += repeat(" ", depth) + "a:\n";
  EXPECT_EQ(parse_error(block), std::string("t.yaml:33") + kTooDeep);
  for (const char* piece : {"[", "{", "[{a: ", "- ", "? ", "{? ", "[? ", "[\n", "- - ", "{a: "}) {
    const std::string error = parse_error(repeat(piece, 10'000));
    EXPECT_NE(error, "no error") << piece;
    EXPECT_LT(error.size(), 200u) << piece;
  }
  EXPECT_EQ(parse_error(repeat("- ", 10'000)), std::string("t.yaml:1") + kTooDeep);
  EXPECT_EQ(parse_error("a: " + repeat("[", 10'000) + repeat("]", 10'000)), std::string("t.yaml:1") + kTooDeep);
}

TEST(Hostile, ManyOfEachIndicatorEnd) {
  for (const char* piece :
       {"[", "]", "{", "}", "- ",    "? ",    ": ", "!", "&a ", "*a ", "%",  "|\n", ">\n",   "\"",   "'",
        "@", "`", ",", "#", "---\n", "...\n", "\n", "a", "a: ", "&",   "!!", "!<",  "\"\\x", "- -\n"})
    EXPECT_LT(parse_error(repeat(piece, 100'000)).size(), 300u) << piece;
}

TEST(Hostile, AMebibyteOfTheSameEnds) {
  for (const char letter : {'[', '{', '-', '\n', '"', 'a'})
    EXPECT_LT(parse_error(std::string(1 << 20, letter)).size(), 300u) << letter;
}

TEST(Hostile, FiveMebibytesAreRefusedUnread) {
  EXPECT_EQ(parse_error(std::string(5 << 20, '[')), "t.yaml: more than 1.00 MiB; a configuration is a few KiB");
}

TEST(Hostile, AnAliasBombNeverStarts) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name <= 'i'; ++name)
    bomb += fmt::format("{0}: &{0} [*{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}]\n", name, char(name - 1));
  EXPECT_EQ(parse_error(bomb), "t.yaml:1: an anchor (&name); write the value out where it is used");
}

TEST(Hostile, ManyKeysAreCheckedForTwinsInTime) {
  std::string text;
  for (size_t key = 0; key < 80'000; ++key) text += fmt::format("k{}: \n", key);
  EXPECT_EQ(parse_error(text), "no error");
  EXPECT_EQ(parse_error(text + "k79999: 1"), "t.yaml:80001: key 'k79999' stands twice; keep one of them");
}

TEST(Hostile, TabsInTheIndentationAreRefused) {
  EXPECT_EQ(parse_error("a:\n\tb: 1\n"), "t.yaml:2: a tab in the indentation; indent with spaces");
  EXPECT_EQ(parse_error("a:\n  \tb: 1\n"), "t.yaml:2: a tab in the indentation; indent with spaces");
  EXPECT_EQ(parse_error("a: 1\t# aside\n"), "no error");
}

TEST(Hostile, NulsAndControlCharactersAreRefused) {
  using namespace std::string_view_literals;
  EXPECT_EQ(parse_error("a: 1\nb: \0\n"sv), "t.yaml:2: a control character; remove it");
  EXPECT_EQ(parse_error("a: \x1B[31m\n"), "t.yaml:1: a control character; remove it");
  EXPECT_EQ(parse_error("\0\0\xFE\xFF\0\0\0a"sv), "t.yaml:1: a control character; remove it");
}

TEST(Hostile, BrokenUtf8IsRefused) {
  for (const char* text : {"a: \xC3", "a: \xE2\x82", "a: \xF0\x9F\x98", "a: \x80", "a: \xC0\xAF", "a: \xE0\x80\xAF",
                           "a: \xED\xA0\x80", "a: \xF4\x90\x80\x80", "a: \xF8\x88\x80\x80\x80", "a: \xFF", "a: \xC3("})
    EXPECT_EQ(parse_error(text), "t.yaml:1: a byte that is not UTF-8; save the file as UTF-8")
        << testing::PrintToString(text);
  EXPECT_EQ(parse_error("\xFF\xFE"
                        "a"),
            "t.yaml:1: a byte that is not UTF-8; save the file as UTF-8");
}

TEST(Hostile, AMessageStaysOneShortLine) {
  const std::string key = "\"a\\nb" + std::string(900, 'x') + "\": 1\n";  // 1024 bytes are yaml-cpp's longest key
  EXPECT_EQ(parse_error(key + key),
            fmt::format("t.yaml:2: key 'a\\x0ab{:x>54}...' stands twice; keep one of them", ""));
}

TEST(Hostile, RandomTextEndsInAValueOrALine) {
  constexpr std::string_view kPieces[] = {"a",    "b: ", "- ",    "[", "]",  "{",   "}",  ",",   "\n",
                                          "  ",   "? ",  ": ",    "'", "\"", "&x ", "*x", "!t ", "| \n",
                                          "> \n", "#",   "---\n", "%", "\\", "\t",  "~",  "<<: "};
  constexpr uint64_t kSeed = 0x5EED;
  std::mt19937_64 random(kSeed);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (uint64_t left = random() % 40; left > 0; --left) text += kPieces[random() % std::size(kPieces)];
    const auto node = parse_yaml(text, "t.yaml");
    if (node) continue;
    const std::string line = node.error().line();
    ASSERT_TRUE(line.starts_with("t.yaml:") && line.find('\n') == std::string::npos)
        << "seed " << kSeed << " round " << round << "\ntext: " << testing::PrintToString(text) << "\nline: " << line;
  }
}

}  // namespace
}  // namespace pfs
