#include <fmt/format.h>

#include "config/pipeline.hpp"
#include "config/reader.hpp"
#include "support.hpp"

namespace pfs {
namespace {

std::string error_with(const std::string& stages) {
  return error_of(pipeline("ports: {east: {device: 0}, west: {device: 1}}\nstages:\n  " + stages + "\n"));
}

TEST(Stages, KeepTheirOwnKeysWithTheirPlaces) {
  const auto read = pipeline("stages:\n  rx: {kind: rx, lcore: 3,\n       queue: 1}\n", {"stages.rx.burst=64"});
  ASSERT_TRUE(read) << error_of(read);
  const StageConfig& stage = (*read)->stages[0];
  EXPECT_EQ(stage.name, "rx");
  EXPECT_EQ(stage.where, "t.yaml:2");
  EXPECT_EQ(stage.kind, "rx");
  EXPECT_EQ(stage.lcore, 3);
  EXPECT_EQ(stage.node.find("kind"), nullptr);
  EXPECT_EQ(stage.node.find("lcore"), nullptr);
  EXPECT_EQ(stage.node.find("queue")->where, "t.yaml:3");
  EXPECT_EQ(stage.node.find("burst")->where, "--set stages.rx.burst");
  Reader reader(&stage.node, "stage 'rx'");
  reader.number("queue", 0, 0, 9);
  reader.number("burst", 0, 0, 32);
  EXPECT_EQ(error_of(reader.finish()),
            "--set stages.rx.burst: 'burst' of stage 'rx' is '64', out of range; it may be 0 to 32");
}

TEST(Stages, LcoreIsAutoUnlessNumbered) {
  const auto read = pipeline("stages: {a: {kind: x}, b: {kind: x, lcore: auto}, c: {kind: x, lcore: 0}}");
  ASSERT_TRUE(read) << error_of(read);
  EXPECT_EQ((*read)->stages[0].lcore, kLcoreAuto);
  EXPECT_EQ((*read)->stages[1].lcore, kLcoreAuto);
  EXPECT_EQ((*read)->stages[2].lcore, 0);
  EXPECT_EQ(error_with("a: {kind: x, lcore: any}"),
            "t.yaml:3: 'lcore' of stage 'a' is 'any', not a whole number; it may be auto or 0 to 1023");
  EXPECT_EQ(error_with("a: {kind: x, lcore: 1024}"),
            "t.yaml:3: 'lcore' of stage 'a' is '1024', out of range; it may be auto or 0 to 1023");
}

TEST(Stages, AreRequired) {
  EXPECT_EQ(error_of(pipeline("")), "t.yaml:1: pipeline has no 'stages'; name at least one under stages");
  EXPECT_EQ(error_of(pipeline("description: x\nstages:\n")), "t.yaml:2: no stages; name at least one under stages");
  EXPECT_EQ(error_of(pipeline("stages: [a]")),
            "t.yaml:1: 'stages' of pipeline is a list, not a map; write {key: value}");
}

TEST(Stages, NeedAKindAndAName) {
  EXPECT_EQ(error_with("a: {lcore: 1}"), "t.yaml:3: stage 'a' has no 'kind'; add kind: ...");
  EXPECT_EQ(error_with("a: rx"), "t.yaml:3: stage 'a' is not a map; write {kind: ...}");
  EXPECT_EQ(error_with("a b: {kind: x}"), "t.yaml:3: 'a b' is no name for a stage; use letters, digits, _ and -");
}

TEST(Stages, MisspeltBySetNameTheNearest) {
  EXPECT_EQ(error_of(pipeline("stages: {assemble: {kind: assemble}}", {"stages.asemble.lcore=2"})),
            "--set stages.asemble.lcore: stage 'asemble' has no 'kind'; did you mean 'assemble'?");
}

TEST(Stages, NameAPortThatIsThere) {
  EXPECT_EQ(error_with("a: {kind: rx, port: east}"), "no error");
  EXPECT_EQ(error_with("a: {kind: rx, port: esat}"),
            "t.yaml:3: missing port 'esat' in stage 'a'; did you mean 'east'?");
  EXPECT_EQ(error_with("a: {kind: rx, port: p0}"),
            "t.yaml:3: missing port 'p0' in stage 'a'; the ports are: east, west");
  EXPECT_EQ(error_with("a: {kind: rx, port: [east]}"),
            "t.yaml:3: 'port' of stage 'a' is not text; write a port's name");
  EXPECT_EQ(error_of(pipeline("stages: {a: {kind: rx, port: p0}}")),
            "t.yaml:1: missing port 'p0' in stage 'a'; add it under ports");
}

TEST(Stages, AreBounded) {
  std::string text = "stages:\n";
  for (int stage = 0; stage < 257; ++stage) text += fmt::format("  s{}: {{kind: x}}\n", stage);
  EXPECT_EQ(error_of(pipeline(text)), "t.yaml:1: more than 256 stages");
}

}  // namespace
}  // namespace pfs
