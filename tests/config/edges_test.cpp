#include <fmt/format.h>

#include "config/pipeline.hpp"
#include "support.hpp"

namespace pfs {
namespace {

constexpr const char* kStages = "stages: {rx: {kind: x}, asm: {kind: x}, kern: {kind: x}, tx: {kind: x}}\nedges:\n";

/// Edges, one a line, each line from 3 on in the file.
std::string error_with(const std::vector<std::string>& edges) {
  std::string text = kStages;
  for (const std::string& edge : edges) text += "  - {" + edge + "}\n";
  return error_of(pipeline(text));
}

TEST(Edges, ReadEveryKey) {
  const auto read = pipeline(std::string(kStages) +
                             "  - {from: rx, to: asm}\n"
                             "  - {from: asm, to: [kern, tx], slots: 0x100, full: drop, spread: turn}\n");
  ASSERT_TRUE(read) << error_of(read);
  const auto& edges = (*read)->edges;
  ASSERT_EQ(edges.size(), 2u);
  EXPECT_EQ(edges[0].where, "t.yaml:3");
  EXPECT_EQ(edges[0].from, "rx");
  EXPECT_EQ(edges[0].to, (std::vector<std::string>{"asm"}));
  EXPECT_EQ(edges[0].slots, 1024u);
  EXPECT_EQ(edges[0].full, EdgeConfig::Full::kHold);
  EXPECT_EQ(edges[0].spread, EdgeConfig::Spread::kStream);
  EXPECT_EQ(edges[1].to, (std::vector<std::string>{"kern", "tx"}));
  EXPECT_EQ(edges[1].slots, 256u);
  EXPECT_EQ(edges[1].full, EdgeConfig::Full::kDrop);
  EXPECT_EQ(edges[1].spread, EdgeConfig::Spread::kTurn);
}

TEST(Edges, SlotsAreAPowerOfTwoInRange) {
  EXPECT_EQ(error_with({"from: rx, to: asm, slots: 1000"}),
            "t.yaml:3: ring 'rx -> asm' has 1000 slots, not a power of two; try 1024");
  EXPECT_EQ(error_with({"from: rx, to: [asm, kern], slots: 65"}),
            "t.yaml:3: ring 'rx -> asm, kern' has 65 slots, not a power of two; try 128");
  EXPECT_EQ(error_with({"from: rx, to: asm, slots: 1048575"}),
            "t.yaml:3: ring 'rx -> asm' has 1048575 slots, not a power of two; try 1048576");
  EXPECT_EQ(error_with({"from: rx, to: asm, slots: 32"}),
            "t.yaml:3: 'slots' of edge 0 is '32', out of range; it may be 64 to 1048576");
  EXPECT_EQ(error_with({"from: rx, to: asm, slots: 2097152"}),
            "t.yaml:3: 'slots' of edge 0 is '2097152', out of range; it may be 64 to 1048576");
  EXPECT_EQ(error_with({"from: rx, to: asm, slots: 64", "from: asm, to: tx, slots: 1048576"}), "no error");
  EXPECT_EQ(error_of(pipeline(std::string(kStages) + "  - {from: rx, to: asm}\n", {"edges.0.slots=1000"})),
            "--set edges.0.slots: ring 'rx -> asm' has 1000 slots, not a power of two; try 1024");
}

TEST(Edges, HaveTwoEnds) {
  EXPECT_EQ(error_with({"to: asm"}), "t.yaml:3: edge 0 has no 'from'; add from: ...");
  EXPECT_EQ(error_with({"from: rx"}), "t.yaml:3: edge 0 has no 'to'; name the stages it leads to");
  EXPECT_EQ(error_with({"from: rx, to: []"}), "t.yaml:3: edge 0 has no 'to'; name the stages it leads to");
}

TEST(Edges, NameStagesThatAreThere) {
  EXPECT_EQ(error_with({"from: rx, to: asn"}),
            "t.yaml:3: edge 'rx -> asn' names a stage that is not there: 'asn'; did you mean 'asm'?");
  EXPECT_EQ(error_with({"from: rx, to: asm", "from: sink, to: asm"}),
            "t.yaml:4: edge 'sink -> asm' names a stage that is not there: 'sink'; the stages are: rx, asm, kern, tx");
}

TEST(Edges, NeitherLeadToThemselvesNorStandTwice) {
  EXPECT_EQ(error_with({"from: rx, to: [asm, rx]"}),
            "t.yaml:3: edge 'rx -> asm, rx' leads a stage to itself; remove it");
  EXPECT_EQ(error_with({"from: rx, to: asm", "from: rx, to: [kern, asm]"}),
            "t.yaml:4: edge 'rx -> asm' stands twice; keep one of them");
  EXPECT_EQ(error_with({"from: rx, to: [asm, asm]"}), "t.yaml:3: edge 'rx -> asm' stands twice; keep one of them");
  EXPECT_EQ(error_with({"from: rx, to: tx", "from: asm, to: tx"}), "no error");
}

TEST(Edges, ACycleIsToldInItsOrder) {
  EXPECT_EQ(error_with({"from: rx, to: asm", "from: asm, to: rx"}),
            "t.yaml:4: stage cycle: rx -> asm -> rx; remove one of its edges");
  EXPECT_EQ(error_with({"from: rx, to: asm", "from: asm, to: [tx, kern]", "from: kern, to: asm"}),
            "t.yaml:5: stage cycle: asm -> kern -> asm; remove one of its edges");
  EXPECT_EQ(error_with({"from: tx, to: kern", "from: kern, to: asm", "from: asm, to: tx"}),
            "t.yaml:4: stage cycle: asm -> tx -> kern -> asm; remove one of its edges");
}

TEST(Edges, WaysThatMeetAgainAreNoCycle) {
  EXPECT_EQ(error_with({"from: rx, to: [asm, kern]", "from: asm, to: tx", "from: kern, to: [tx, asm]"}), "no error");
}

TEST(Edges, LongAndDenseGraphsAreCheckedInTime) {
  std::string stages = "stages:\n";
  std::string chain = "edges:\n";
  for (int stage = 0; stage < 100; ++stage) {
    stages += fmt::format("  s{}: {{kind: x}}\n", stage);
    if (stage == 99) break;
    std::string to;
    for (int next = stage + 1; next < 100; ++next) to += fmt::format("s{}, ", next);
    chain += fmt::format("- {{from: s{}, to: [{}]}}\n", stage, to);
  }
  EXPECT_EQ(error_of(pipeline(stages + chain)), "no error");
  EXPECT_TRUE(error_of(pipeline(stages + chain + "- {from: s99, to: s0}\n"))
                  .starts_with("t.yaml:202: stage cycle: s0 -> s1 -> s2 -> "));
}

TEST(Edges, AreBounded) {
  std::string text = kStages;
  for (int edge = 0; edge < 1025; ++edge) text += "  - {from: rx, to: asm}\n";
  EXPECT_EQ(error_of(pipeline(text)), "t.yaml:2: more than 1024 edges");
}

}  // namespace
}  // namespace pfs
