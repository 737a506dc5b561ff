#include "base/escape.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace pfs {
namespace {

using namespace std::string_literals;

TEST(Escape, KeepsWhatATerminalShowsAsItIs) {
  for (const char* text : {"", "plain", "a b", "Größe", "\u65e5\u672c", "\U0001F600", "a\\b", "it's"})
    EXPECT_EQ(escape(text), text);
}

TEST(Escape, NamesEveryControlByteAndTheDeleteByte) {
  for (int byte = 0; byte < 0x20; ++byte)
    EXPECT_EQ(escape(std::string(1, static_cast<char>(byte))), fmt::format("\\x{:02x}", byte));
  EXPECT_EQ(escape("\x7F"), "\\x7f");
  EXPECT_EQ(escape("\x1b[31mred\n"), "\\x1b[31mred\\x0a");
}

TEST(Escape, NamesEveryC1ControlAsAByteAndAsACharacter) {
  for (int code = 0x80; code < 0xA0; ++code) {
    const auto byte = static_cast<char>(code);
    EXPECT_EQ(escape(std::string(1, byte)), fmt::format("\\x{:x}", code));
    EXPECT_EQ(escape(std::string("\xC2") + byte), fmt::format("\\u{{{:x}}}", code));
  }
}

TEST(Escape, NamesWhatTurnsOrEndsALine) {
  EXPECT_EQ(escape("a\u202egpj.exe"), "a\\u{202e}gpj.exe");
  for (const char* text : {"\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u2066", "\u2069"})
    EXPECT_EQ(escape(text).substr(0, 3), "\\u{");
}

TEST(Escape, NamesEachByteThatIsNotUtf8) {
  EXPECT_EQ(escape("caf\xE9"), "caf\\xe9");
  EXPECT_EQ(escape("\xC0\xAF"), "\\xc0\\xaf");                    // an overlong '/'
  EXPECT_EQ(escape("\xED\xA0\x80"), "\\xed\\xa0\\x80");           // a surrogate
  EXPECT_EQ(escape("\xE2\x82"), "\\xe2\\x82");                    // cut short
  EXPECT_EQ(escape("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
}

TEST(Escape, TwiceIsOnceAndNothingHarmfulIsLeft) {
  std::mt19937 random(1);
  for (int round = 0; round < 5000; ++round) {
    std::string text(random() % 24, '\0');
    for (char& byte : text) byte = static_cast<char>(random());
    const std::string once = escape(text);
    EXPECT_EQ(escape(once), once) << "round " << round;
    for (size_t at = 0; at < once.size(); at += utf8_bytes(once, at)) {
      ASSERT_NE(utf8_bytes(once, at), 0u) << "round " << round;
      const auto byte = static_cast<uint8_t>(once[at]);
      EXPECT_TRUE(byte >= 0x20 && byte != 0x7F) << "round " << round;
      EXPECT_FALSE(byte == 0xC2 && static_cast<uint8_t>(once[at + 1]) < 0xA0) << "round " << round;
    }
  }
}

TEST(Quote, TellsTheTextFromItsEscapes) {
  EXPECT_EQ(quote("size"), "'size'");
  EXPECT_EQ(quote("a\nb\tc\x7F"), "'a\\x0ab\\x09c\\x7f'");
  EXPECT_EQ(quote("\\x0a"), "'\\\\x0a'");
  EXPECT_EQ(quote("it's"), "'it\\'s'");
  EXPECT_EQ(quote("a\0b"s), "'a\\x00b'");
}

TEST(Quote, KeepsALineShort) {
  EXPECT_EQ(quote(std::string(60, 'x')), fmt::format("'{:x>60}'", ""));
  EXPECT_EQ(quote(std::string(61, 'x')), fmt::format("'{:x>60}...'", ""));
  EXPECT_EQ(quote("abc", 2), "'ab...'");
  EXPECT_EQ(quote(std::string(255, '\x1b'), SIZE_MAX).size(), 255 * 4 + 2u);
}

TEST(Quote, NeverCutsACharacterOrAnEscapeInTwo) {
  EXPECT_EQ(quote(std::string(59, 'x') + "\u20ac"), fmt::format("'{:x>59}...'", ""));
  EXPECT_EQ(quote(std::string(58, 'x') + "\n"), fmt::format("'{:x>58}...'", ""));
}

}  // namespace
}  // namespace pfs
