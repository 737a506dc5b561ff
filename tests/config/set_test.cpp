#include "support.hpp"

namespace pfs {
namespace {

std::string set_error(std::string_view text, std::string_view assignment) {
  Node root = yaml(text);
  return error_of(set_value(root, assignment));
}

TEST(Set, ReplacesAValueAndItsPlace) {
  Node root = yaml("blob: {size: 2MiB, seed: 1}\n");
  ASSERT_TRUE(set_value(root, "blob.size=4MiB"));
  EXPECT_EQ(root.find("blob")->find("size")->text, "4MiB");
  EXPECT_EQ(root.find("blob")->find("size")->where, "--set blob.size");
  EXPECT_EQ(root.find("blob")->find("seed")->where, "t.yaml:1");
}

TEST(Set, TheValueIsYaml) {
  Node root = yaml("");
  ASSERT_TRUE(set_value(root, "blob.files=[a, 'b c']"));
  ASSERT_TRUE(set_value(root, "blob.writable=[{stream: 0, offset: 1MiB}]"));
  ASSERT_TRUE(set_value(root, "ports.p0.peer=52:54:00:00:00:02"));
  const Node& blob = *root.find("blob");
  ASSERT_EQ(blob.find("files")->items.size(), 2u);
  EXPECT_EQ(blob.find("files")->items[1].text, "b c");
  EXPECT_EQ(blob.find("files")->items[1].where, "--set blob.files");
  EXPECT_EQ(blob.find("writable")->items[0].find("offset")->text, "1MiB");
  EXPECT_EQ(root.find("ports")->find("p0")->find("peer")->text, "52:54:00:00:00:02");
}

TEST(Set, MakesMapsWhereTheyAreMissing) {
  Node root = yaml("a: \n");
  ASSERT_TRUE(set_value(root, "a.b.c=1"));
  EXPECT_EQ(root.find("a")->find("b")->find("c")->text, "1");
}

TEST(Set, IndexesListsByNumber) {
  Node root = yaml("edges: [{slots: 64}, {slots: 128}]\n");
  ASSERT_TRUE(set_value(root, "edges.1.slots=512"));
  EXPECT_EQ(root.find("edges")->items[1].find("slots")->text, "512");
  EXPECT_EQ(root.find("edges")->items[0].find("slots")->text, "64");
}

TEST(Set, LaterOnesWin) {
  Node root = yaml("");
  ASSERT_TRUE(set_value(root, "a=1"));
  ASSERT_TRUE(set_value(root, "a=2"));
  EXPECT_EQ(root.find("a")->text, "2");
  EXPECT_EQ(root.fields.size(), 1u);
}

TEST(Set, AValueMayHoldEqualsSigns) {
  Node root = yaml("");
  ASSERT_TRUE(set_value(root, "a=b=c"));
  EXPECT_EQ(root.find("a")->text, "b=c");
}

TEST(Set, RefusesWhatIsNoAssignment) {
  const std::string remedy = "; write section.key=value, for example blob.size=4MiB";
  EXPECT_EQ(set_error("", "blob.size"), "--set blob.size: no '=' in it" + remedy);
  EXPECT_EQ(set_error("", "=1"), "--set : an empty key" + remedy);
  EXPECT_EQ(set_error("", "blob..size=1"), "--set blob..size: an empty key" + remedy);
  EXPECT_EQ(set_error("", "blob.=1"), "--set blob.: an empty key" + remedy);
}

TEST(Set, RefusesListEntriesThatAreNotThere) {
  EXPECT_EQ(set_error("edges: [{}, {}]", "edges.2.slots=64"),
            "--set edges.2.slots: no entry '2' in a list of 2; entries are 0 to 1");
  EXPECT_EQ(set_error("edges: [{}]", "edges.first.slots=64"),
            "--set edges.first.slots: no entry 'first' in a list of 1; entries are 0 to 0");
  EXPECT_EQ(set_error("edges: []", "edges.0.slots=64"), "--set edges.0.slots: no entry '0' in an empty list");
}

TEST(Set, RefusesKeysBelowAPlainValue) {
  EXPECT_EQ(set_error("blob: 5", "blob.size=1"), "--set blob.size: 'size' is below '5', a plain value without keys");
}

TEST(Set, ABadValueIsPlacedAtTheAssignment) {
  EXPECT_EQ(set_error("", "blob.files=[a, b"),
            "--set blob.files: a map or list as a key; keys are plain words; is every [ and { closed?");
  EXPECT_EQ(set_error("", "a=&x 1"), "--set a: an anchor (&name); write the value out where it is used");
}

TEST(Set, TakesAnyBytesBecauseANameNeedNotBeUtf8) {
  for (const char* name : {"caf\xE9", "./\xFF\xFE", "\x80", "\xED\xA0\x80"}) {
    Node root = yaml("file: x\n");
    ASSERT_TRUE(set_value(root, std::string("file=") + name)) << testing::PrintToString(name);
    EXPECT_EQ(root.find("file")->text, name);
  }
  EXPECT_EQ(set_error("", "file=\xFF\xFE"),
            "--set file: a first byte that stands for UTF-16; a path may begin with ./");
  EXPECT_EQ(set_error("", "file=a\x1B[31m\xE9"), "--set file: a control character; remove it");
}

TEST(Set, BoundsItsDepth) {
  std::string path = "a";
  for (int depth = 1; depth < 32; ++depth) path += ".a";
  EXPECT_EQ(set_error("", path + "=1"), "no error");
  EXPECT_EQ(set_error("", path + ".a=1"), "--set: more than 32 keys deep");
}

TEST(Set, AFailureChangesNoOtherKey) {
  Node root = yaml("blob: {size: 2MiB}\n");
  EXPECT_FALSE(set_value(root, "blob.size.x=1"));
  EXPECT_EQ(root.find("blob")->find("size")->text, "2MiB");
}

}  // namespace
}  // namespace pfs
