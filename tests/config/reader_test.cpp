#include "config/reader.hpp"

#include <functional>

#include "support.hpp"

namespace pfs {
namespace {

/// What finish() says after `read` on the map in `text`.
std::string finish_error(std::string_view text, const std::function<void(Reader&)>& read) {
  const Node node = yaml(text);
  Reader reader(&node, "thing");
  read(reader);
  return error_of(reader.finish());
}

TEST(Reader, ReadsEveryType) {
  const Node node =
      yaml("{n: 12, h: 0xFF, s: 4MiB, x: 0x100000, r: -1.5e3, f: true, t: x y, l: [a, b], one: a, m: {k: 1}, c: drop}");
  Reader reader(&node, "thing");
  EXPECT_EQ(reader.number("n", 0, 0, 100), 12u);
  EXPECT_EQ(reader.number("h", 0, 0, 255), 255u);
  EXPECT_EQ(reader.size("s", 0, 0, UINT64_MAX), 4u << 20);
  EXPECT_EQ(reader.size("x", 0, 0, UINT64_MAX), 1u << 20);
  EXPECT_EQ(reader.real("r", 0, -2000, 0), -1500.0);
  EXPECT_TRUE(reader.flag("f", false));
  EXPECT_EQ(reader.required_text("t"), "x y");
  EXPECT_EQ(reader.texts("l"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(reader.texts("one"), (std::vector<std::string>{"a"}));
  EXPECT_EQ(reader.map("m")->find("k")->text, "1");
  EXPECT_EQ(reader.choice("c", 0, {{"hold", 1}, {"drop", 2}}), 2);
  EXPECT_EQ(error_of(reader.finish()), "no error");
}

TEST(Reader, AnAbsentMapReadsAsDefaults) {
  Reader reader(nullptr, "thing");
  EXPECT_FALSE(reader.has("n"));
  EXPECT_EQ(reader.number("n", 7, 0, 1), 7u);
  EXPECT_EQ(reader.size("s", 8, 0, 1), 8u);
  EXPECT_EQ(reader.real("r", 9, 0, 1), 9.0);
  EXPECT_TRUE(reader.flag("f", true));
  EXPECT_EQ(reader.text("t", "x"), "x");
  EXPECT_TRUE(reader.texts("l").empty());
  EXPECT_EQ(reader.map("m"), nullptr);
  EXPECT_EQ(reader.list("l"), nullptr);
  EXPECT_EQ(reader.any("a"), nullptr);
  EXPECT_EQ(reader.choice("c", 5, {{"hold", 1}}), 5);
  EXPECT_EQ(error_of(reader.finish()), "no error");
}

TEST(Reader, WrongTypesSayWhatWasExpectedAndFound) {
  const auto number = [](Reader& reader) { reader.number("k", 0, 1, 9); };
  EXPECT_EQ(finish_error("k: x", number), "t.yaml:1: 'k' of thing is 'x', not a whole number; it may be 1 to 9");
  EXPECT_EQ(finish_error("k: 1.5", number), "t.yaml:1: 'k' of thing is '1.5', not a whole number; it may be 1 to 9");
  EXPECT_EQ(finish_error("k: -1", number), "t.yaml:1: 'k' of thing is '-1', not a whole number; it may be 1 to 9");
  EXPECT_EQ(finish_error("k: 0x", number), "t.yaml:1: 'k' of thing is '0x', not a whole number; it may be 1 to 9");
  EXPECT_EQ(finish_error("k: 0x-1", number), "t.yaml:1: 'k' of thing is '0x-1', not a whole number; it may be 1 to 9");
  EXPECT_EQ(finish_error("k: 18446744073709551616", number),
            "t.yaml:1: 'k' of thing is '18446744073709551616', more than 64 bits hold; it may be 1 to 9");
  EXPECT_EQ(finish_error("k: 010", number),
            "t.yaml:1: 'k' of thing is '010', written with a zero before it, as octal numbers are; write 10 or 0x8");
  EXPECT_EQ(finish_error("k: [1]", number), "t.yaml:1: 'k' of thing is a list, not a whole number; it may be 1 to 9");
  EXPECT_EQ(finish_error("k:", number), "t.yaml:1: 'k' of thing is empty, not a whole number; it may be 1 to 9");
  EXPECT_EQ(finish_error("k: 4MB", [](Reader& reader) { reader.size("k", 0, 0, 9); }),
            "t.yaml:1: 'k' of thing is '4MB', not a size; write bytes as 4096 or 0x1000, or 64KiB, 4MiB, 1GiB");
  EXPECT_EQ(finish_error("k: {a: 1}", [](Reader& reader) { reader.real("k", 0, 0, 1); }),
            "t.yaml:1: 'k' of thing is a map, not a number; it may be 0 to 1");
  EXPECT_EQ(finish_error("k: yes", [](Reader& reader) { reader.flag("k", false); }),
            "t.yaml:1: 'k' of thing is 'yes', not a flag; write true or false");
  EXPECT_EQ(finish_error("k: [a]", [](Reader& reader) { reader.text("k", ""); }),
            "t.yaml:1: 'k' of thing is a list, not text");
  EXPECT_EQ(finish_error("k: 5", [](Reader& reader) { reader.map("k"); }),
            "t.yaml:1: 'k' of thing is '5', not a map; write {key: value}");
  EXPECT_EQ(finish_error("k: 5", [](Reader& reader) { reader.list("k"); }),
            "t.yaml:1: 'k' of thing is '5', not a list; write [a, b]");
  EXPECT_EQ(finish_error("k: {a: 1}", [](Reader& reader) { reader.texts("k"); }),
            "t.yaml:1: 'k' of thing is a map, not a list of texts; write [a, b]");
  EXPECT_EQ(finish_error("k:\n- a\n- [b]", [](Reader& reader) { reader.texts("k"); }),
            "t.yaml:3: 'k' of thing has an entry that is a list, not text");
  EXPECT_EQ(finish_error("k: hodl",
                         [](Reader& reader) {
                           reader.choice("k", 0, {{"hold", 1}, {"drop", 2}});
                         }),
            "t.yaml:1: 'k' of thing is 'hodl'; it may be hold, drop");
}

TEST(Reader, RangesSayTheRange) {
  EXPECT_EQ(finish_error("k: 10", [](Reader& reader) { reader.number("k", 0, 1, 9); }),
            "t.yaml:1: 'k' of thing is '10', out of range; it may be 1 to 9");
  EXPECT_EQ(finish_error("k: 1KiB", [](Reader& reader) { reader.size("k", 0, 2048, 3 << 20); }),
            "t.yaml:1: 'k' of thing is '1KiB', out of range; it may be 2KiB to 3MiB");
  EXPECT_EQ(finish_error("k: 1.01", [](Reader& reader) { reader.real("k", 0, 0.5, 1); }),
            "t.yaml:1: 'k' of thing is '1.01', out of range; it may be 0.5 to 1");
  EXPECT_EQ(finish_error("k: nan", [](Reader& reader) { reader.real("k", 0, 0, 1); }),
            "t.yaml:1: 'k' of thing is 'nan', not a finite number; it may be 0 to 1");
}

TEST(Reader, TheEndsOfARangeAreInIt) {
  const auto number = [](Reader& reader) { reader.number("k", 0, 1, 9); };
  EXPECT_EQ(finish_error("k: 1", number), "no error");
  EXPECT_EQ(finish_error("k: 9", number), "no error");
  EXPECT_EQ(finish_error("k: 0", number), "t.yaml:1: 'k' of thing is '0', out of range; it may be 1 to 9");
}

TEST(Reader, ARefusedValueReadsAsItsDefault) {
  const Node node = yaml("{a: 99, b: x}");
  Reader reader(&node, "thing");
  EXPECT_EQ(reader.number("a", 7, 0, 9), 7u);
  EXPECT_EQ(reader.size("b", 8, 0, 9), 8u);
}

TEST(Reader, AnUnknownKeySuggestsTheNearest) {
  const auto read = [](Reader& reader) {
    reader.number("size", 0, 0, 9);
    reader.number("seed", 0, 0, 9);
  };
  EXPECT_EQ(finish_error("size: 1\nsede: 1", read), "t.yaml:2: unknown key 'sede' in thing; did you mean 'seed'?");
  EXPECT_EQ(finish_error("size: 1\nwibble: 1", read),
            "t.yaml:2: unknown key 'wibble' in thing; known keys: size, seed");
}

TEST(Reader, AWrongValueIsToldBeforeAnUnknownKeyAndThatBeforeAMissingOne) {
  const auto read = [](Reader& reader) {
    (void)reader.required_text("device");
    reader.number("n", 0, 0, 9);
  };
  EXPECT_EQ(finish_error("{devise: a, n: x}", read),
            "t.yaml:1: 'n' of thing is 'x', not a whole number; it may be 0 to 9");
  EXPECT_EQ(finish_error("{devise: a}", read), "t.yaml:1: unknown key 'devise' in thing; did you mean 'device'?");
  EXPECT_EQ(finish_error("{n: 1}", read), "t.yaml:1: thing has no 'device'; add device: ...");
}

TEST(Reader, WhatIsNoMapIsSaidOnce) {
  EXPECT_EQ(finish_error("[1]", [](Reader& reader) { reader.number("k", 0, 0, 9); }),
            "t.yaml:1: thing is a list, not a map; write key: value");
}

TEST(Reader, RejectPlacesTheCallersErrorAtTheKey) {
  EXPECT_EQ(finish_error("a: 1\nb: 2",
                         [](Reader& reader) {
                           reader.number("a", 0, 0, 9);
                           reader.number("b", 0, 0, 9);
                           reader.reject("b", "b is odd", "try 3");
                           reader.reject("a", "second");
                         }),
            "t.yaml:2: b is odd; try 3");
}

}  // namespace
}  // namespace pfs
