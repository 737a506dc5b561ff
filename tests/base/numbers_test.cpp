#include "base/numbers.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/units.hpp"

namespace pfs {
namespace {

/// What a parser says of a text: the number, or the error's line.
template <class Value>
std::string said(const Result<Value>& read) {
  return read ? fmt::format("{}", *read) : read.error().line();
}

/// Numbers of every length in bits, and those beside the powers of two.
std::vector<uint64_t> numbers(std::mt19937_64& random) {
  std::vector<uint64_t> all = {0, UINT64_MAX};
  for (int bits = 1; bits <= 64; ++bits) {
    const uint64_t power = uint64_t{1} << (bits - 1);
    all.insert(all.end(), {power - 1, power, power + 1, random() >> (64 - bits)});
  }
  return all;
}

TEST(ParseWhole, ReadsWhatWasWrittenInEitherBase) {
  std::mt19937_64 random(1);
  for (const uint64_t number : numbers(random)) {
    EXPECT_EQ(said(parse_whole(fmt::format("{}", number))), fmt::format("{}", number));
    EXPECT_EQ(said(parse_whole(fmt::format("0x{:x}", number))), fmt::format("{}", number));
    EXPECT_EQ(said(parse_whole(fmt::format("0X{:016X}", number))), fmt::format("{}", number));
  }
}

TEST(ParseWhole, NothingMayStandAroundTheNumber) {
  std::mt19937_64 random(2);
  for (const uint64_t number : numbers(random)) {
    const std::string text = fmt::format("{}", number);
    for (int letter = 1; letter < 256; ++letter) {
      const auto odd = static_cast<char>(letter);
      if (std::isdigit(letter) != 0) continue;
      EXPECT_EQ(said(parse_whole(text + odd)), "not a whole number") << text << " and then byte " << letter;
      EXPECT_EQ(said(parse_whole(odd + text)), "not a whole number") << "byte " << letter << " and then " << text;
    }
    EXPECT_EQ(said(parse_whole(text + std::string(1, '\0'))), "not a whole number");
  }
  for (const char* text : {"", "0x", "0xg", "0x-1", "0x 1", "x1", "1x", "1e3", "1.0", "0b1", "0o7", "--1", "+0x1"})
    EXPECT_EQ(said(parse_whole(text)), "not a whole number") << text;
}

TEST(ParseWhole, AZeroBeforeTheNumberIsNeverAGuess) {
  EXPECT_EQ(said(parse_whole("0")), "0");
  EXPECT_EQ(said(parse_whole("010")), "written with a zero before it, as octal numbers are; write 10 or 0x8");
  EXPECT_EQ(said(parse_whole("0644")), "written with a zero before it, as octal numbers are; write 644 or 0x1A4");
  EXPECT_EQ(said(parse_whole("089")), "written with a zero before it, as octal numbers are; write 89");
  EXPECT_EQ(said(parse_whole("007")), "written with a zero before it, as octal numbers are; write 7");
  EXPECT_EQ(said(parse_whole("000")), "written with a zero before it, as octal numbers are; write 0");
  EXPECT_EQ(said(parse_whole("0x0010")), "16");  // in hexadecimal the zeros mean nothing
}

TEST(ParseWhole, WhatWouldWrapIsRefused) {
  for (const char* text : {"18446744073709551616", "99999999999999999999999999", "0x10000000000000000"})
    EXPECT_EQ(said(parse_whole(text)), "more than 64 bits hold") << text;
}

TEST(ParseSize, ReadsBytesInEitherBaseAndBinaryUnits) {
  EXPECT_EQ(said(parse_size("4096")), "4096");
  EXPECT_EQ(said(parse_size("0x100000")), fmt::format("{}", kMiB));
  EXPECT_EQ(said(parse_size("7B")), "7");
  EXPECT_EQ(said(parse_size("64KiB")), fmt::format("{}", 64 * kKiB));
  EXPECT_EQ(said(parse_size("17179869183GiB")), fmt::format("{}", UINT64_MAX - kGiB + 1));
  EXPECT_EQ(said(parse_size("0x1B")), "27");  // B is a hexadecimal digit
}

TEST(ParseSize, WhatWouldWrapIsRefused) {
  for (const char* text : {"17179869184GiB", "18446744073709551615KiB", "18014398509481984KiB", "18446744073709551616"})
    EXPECT_EQ(said(parse_size(text)), "more than 64 bits hold") << text;
}

TEST(ParseSize, RefusesEverythingElseWithARemedy) {
  for (const char* text : {"", "B", "KiB", "4 KiB", "4kib", "4KB", "4K", "-1", "+1", "1.5MiB", "4MiB ", " 4MiB",
                           "4MiBMiB", "4BKiB", "0x10MiB", "0x"})
    EXPECT_EQ(said(parse_size(text)), "not a size; write bytes as 4096 or 0x1000, or 64KiB, 4MiB, 1GiB") << text;
  EXPECT_EQ(said(parse_size("010MiB")), "written with a zero before it, as octal numbers are; write 10 or 0x8");
}

TEST(ParseReal, ReadsWhatWasWritten) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> exponent(-300, 300);
  for (int turn = 0; turn < 2000; ++turn) {
    const double number = std::pow(10, exponent(random)) * (turn % 2 == 0 ? 1 : -1);
    const auto read = parse_real(fmt::format("{}", number));
    ASSERT_TRUE(read) << number << ": " << said(read);
    EXPECT_EQ(*read, number);
  }
  for (const char* text : {"0", "0.5", "-0.5", "1e6", "2.5E-3"}) EXPECT_TRUE(parse_real(text)) << text;
}

TEST(ParseReal, RefusesWhatIsNoFiniteDecimalNumber) {
  for (const char* text : {"", ".", "-", "1,5", "0x10", "1e", "1.5 ", " 1.5", "+1", "1_000", "1.5.2", "1e6x"})
    EXPECT_EQ(said(parse_real(text)), "not a number") << text;
  for (const char* text : {"inf", "-inf", "nan", "infinity"})
    EXPECT_EQ(said(parse_real(text)), "not a finite number") << text;
  for (const char* text : {"1e999", "-1e999", "1e-999"})
    EXPECT_EQ(said(parse_real(text)), "beyond what a number may be") << text;
  for (const char* text : {"010", "-010", "00.5"})
    EXPECT_EQ(said(parse_real(text)), "written with a zero before it, as octal numbers are; leave the zero out")
        << text;
}

}  // namespace
}  // namespace pfs
