#include <fmt/format.h>

#include "support.hpp"

namespace pfs {
namespace {

/// A node as flow YAML with its lines: `{a@1: [x@2]@1}`.
std::string show(const Node& node) {
  const std::string line = "@" + node.where.substr(node.where.rfind(':') + 1);
  std::string inner;
  for (const Node& item : node.items) inner += (inner.empty() ? "" : ", ") + show(item);
  for (const auto& [key, value] : node.fields) inner += (inner.empty() ? "" : ", ") + key + ": " + show(value);
  switch (node.kind) {
    case Node::Kind::kNull:
      return "null" + line;
    case Node::Kind::kScalar:
      return "'" + node.text + "'" + line;
    case Node::Kind::kList:
      return "[" + inner + "]" + line;
    case Node::Kind::kMap:
      return "{" + inner + "}" + line;
  }
  return "?";
}

std::string parse_error(std::string_view text) { return error_of(parse_yaml(text, "t.yaml")); }

TEST(Yaml, KeepsKindsOrderAndLines) {
  EXPECT_EQ(show(yaml("b: 1\na:\n  - x\n  - [y, 'z']\nc: {d: ~}\ne:\n")),
            "{b: '1'@1, a: ['x'@3, ['y'@4, 'z'@4]@4]@2, c: {d: null@5}@5, e: null@6}@1");
}

TEST(Yaml, AValueStandsWhereItsKeyDoes) {
  EXPECT_EQ(show(yaml("stages:\n\n  rx:\n    kind: rx\n")), "{stages: {rx: {kind: 'rx'@4}@3}@1}@1");
}

TEST(Yaml, NothingIsNull) {
  EXPECT_EQ(show(yaml("")), "null@1");
  EXPECT_EQ(show(yaml("# only a comment\n")), "null@1");
}

TEST(Yaml, TextIsNeverConverted) {
  EXPECT_EQ(show(yaml("{a: 0x10, b: yes, c: 52:54:00:00:00:02, d: 1e3, e: '', f: \"~\"}")),
            "{a: '0x10'@1, b: 'yes'@1, c: '52:54:00:00:00:02'@1, d: '1e3'@1, e: ''@1, f: '~'@1}@1");
}

TEST(Yaml, TakesUtf8AndWindowsLines) {
  EXPECT_EQ(show(yaml("a: \"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"\r\nb: 2\r\n")),
            "{a: '\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80'@1, b: '2'@2}@1");
  EXPECT_EQ(show(yaml("\xEF\xBB\xBF"
                      "a: 1")),
            "{a: '1'@1}@1");
}

TEST(Yaml, AKeyTwiceIsAnError) {
  EXPECT_EQ(parse_error("a: 1\nb: 2\na: 3\n"), "t.yaml:3: key 'a' stands twice; keep one of them");
  EXPECT_EQ(parse_error("x: {a: 1, a: 1}"), "t.yaml:1: key 'a' stands twice; keep one of them");
}

TEST(Yaml, TheSameKeyInTwoMapsIsNone) { EXPECT_EQ(parse_error("x: {a: 1}\ny: {a: 1}"), "no error"); }

TEST(Yaml, AliasesAnchorsAndTagsAreErrors) {
  EXPECT_EQ(parse_error("a: 1\nb: &x 2\n"), "t.yaml:2: an anchor (&name); write the value out where it is used");
  EXPECT_EQ(parse_error("a: &x [1]\nb: *x\n"), "t.yaml:1: an anchor (&name); write the value out where it is used");
  EXPECT_EQ(parse_error("a: &x {b: 1}"), "t.yaml:1: an anchor (&name); write the value out where it is used");
  EXPECT_EQ(parse_error("&x a: 1"), "t.yaml:1: an anchor (&name); write the value out where it is used");
  EXPECT_EQ(parse_error("a: !!binary AAAA"), "t.yaml:1: a tag ('tag:yaml.org,2002:binary'); leave it out");
  EXPECT_EQ(parse_error("a: 1\nb: !x [1]"), "t.yaml:2: a tag ('!x'); leave it out");
}

TEST(Yaml, KeysArePlainWords) {
  EXPECT_EQ(parse_error("{[1]: 2}"),
            "t.yaml:1: a map or list as a key; keys are plain words; is every [ and { closed?");
  EXPECT_EQ(parse_error("? {a: 1}\n: 2"),
            "t.yaml:1: a map or list as a key; keys are plain words; is every [ and { closed?");
  EXPECT_EQ(parse_error("{a: 1, : 2}"), "t.yaml:1: an empty key; write key: value");
  EXPECT_EQ(parse_error("~: 2"), "t.yaml:1: an empty key; write key: value");
}

TEST(Yaml, OneDocumentAFile) {
  EXPECT_EQ(parse_error("---\na: 1\n"), "no error");
  EXPECT_EQ(parse_error("a: 1\n---\nb: 1\n"), "t.yaml:2: a second document; keep one document in a file");
}

TEST(Yaml, ASyntaxErrorSaysTheLine) {
  EXPECT_EQ(parse_error("a: 1\nb: [1, 2\nc: 3\n"), "t.yaml:3: not YAML: end of sequence flow not found");
  EXPECT_EQ(parse_error("a: 1\n  b: 2\n"), "t.yaml:2: not YAML: illegal map value");
  EXPECT_EQ(parse_error("a: b: c"), "t.yaml:1: not YAML: illegal map value");
}

TEST(LoadYaml, ReadsAFileAndPlacesItByPath) {
  const Folder folder;
  const std::string path = folder.write("p.yaml", "a: 1\nb: 2\n");
  const auto node = load_yaml(path);
  ASSERT_TRUE(node) << error_of(node);
  EXPECT_EQ(node->find("b")->where, path + ":2");
}

TEST(LoadYaml, SaysWhyAFileCannotBeRead) {
  const Folder folder;
  EXPECT_EQ(error_of(load_yaml(folder.path() + "/none.yaml")),
            folder.path() + "/none.yaml: cannot be opened: No such file or directory");
  EXPECT_EQ(error_of(load_yaml(folder.path())), folder.path() + ": cannot be read: Is a directory");
}

TEST(LoadYaml, TakesAMebibyteAndNoMore) {
  const Folder folder;
  std::string text = "a: 1\n#";
  text.resize(1 << 20, 'x');
  EXPECT_EQ(error_of(load_yaml(folder.write("p.yaml", text))), "no error");
  const std::string path = folder.write("q.yaml", text + "x");
  EXPECT_EQ(error_of(load_yaml(path)), path + ": more than 1.00 MiB; a configuration is a few KiB");
}

}  // namespace
}  // namespace pfs
