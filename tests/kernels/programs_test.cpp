#include <gtest/gtest.h>

#include "base/endian.hpp"
#include "jit/jit.hpp"
#include "kernels/read_programs.hpp"
#include "kernels/registry.hpp"
#include "kernels/tiles.hpp"
#include "reference.hpp"
#include "rig.hpp"

namespace pfs {
namespace {

/// Tile by tile, and with loops compiled for each ISA.
class FusedPrograms : public KernelRig, public testing::WithParamInterface<Isa> {
 protected:
  void SetUp() override {
    if (GetParam() == Isa::kScalar) return;
    if (GetParam() > active_isa()) GTEST_SKIP() << "this machine, or PFS_ISA, has no " << name(GetParam());
    Result<Jit> jit = Jit::start(GetParam());
    if (!jit) GTEST_SKIP() << jit.error().line();
    jit_.emplace(std::move(*jit));
  }

  void define(const std::vector<std::string>& operations) {
    const std::vector<ProgramConfig> configs = {{64, "x.yaml:1", operations}};
    const auto read = read_programs(configs);
    ASSERT_TRUE(read) << read.error().what;
    programs_ = *read;
    if (!jit_) return;
    for (const LaneGroup& group : programs_[0].groups) {
      const auto loop = jit_->loop(std::span(programs_[0].operations).subspan(group.first, group.count));
      ASSERT_TRUE(loop) << loop.error().line();
      *group.loop = *loop;
    }
  }

  /// What the operations of program 64 answer one after the other, each over all bytes; the blob as they leave it.
  Outcome in_turn(std::span<const Descriptor> table) {
    Outcome all{Status::kDone, 0, {}};
    for (const Operation& operation : programs_[0].operations) {
      const Outcome one = run(operation.kernel->op, table, operation.arg);
      EXPECT_EQ(one.status, Status::kDone);
      Bytes head(kOperationHeadBytes);
      head[0] = operation.kernel->op;
      store_be<uint64_t>(&head[1], one.value);
      store_be<uint16_t>(&head[9], static_cast<uint16_t>(one.bytes.size()));
      all.value = one.value;
      all.bytes.insert(all.bytes.end(), head.begin(), head.end());
      all.bytes.insert(all.bytes.end(), one.bytes.begin(), one.bytes.end());
    }
    return all;
  }

  void expect_as_in_turn(std::span<const Descriptor> table) {
    const Bytes before = blob_;
    const Outcome fused = run(64, table);
    const Bytes after = blob_;
    blob_ = before;
    const Outcome turns = in_turn(table);
    EXPECT_EQ(fused.status, Status::kDone);
    EXPECT_EQ(fused.value, turns.value);
    EXPECT_EQ(fused.bytes, turns.bytes);
    EXPECT_EQ(after, blob_);
  }

  std::optional<Jit> jit_;
};

TEST_P(FusedPrograms, AnswerAsTheirOperationsInTurn) {
  // Every kernel of the registry, those that only read and take ranges of any length first.
  std::vector<std::string> operations;
  std::vector<std::string> others;
  for (const std::string_view name : kernel_names()) {
    const Kernel& kernel = *find_kernel(name);
    const bool reads_anything = !kernel.in_place && find_reference(kernel.op)->unit == 1;
    (reads_anything ? operations : others).push_back(std::string(name) + " 0x123");
  }
  const size_t readers = operations.size();
  operations.insert(operations.end(), others.begin(), others.end());
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    std::vector<std::string> chosen;
    const size_t count = 1 + random() % 6;
    const size_t kinds = random() % 2 == 0 ? readers : operations.size();
    for (size_t i = 0; i < count; ++i) chosen.push_back(operations[random() % kinds]);
    define(chosen);
    expect_as_in_turn(random_table(random, 8, !programs_[0].in_place()));
  }
}

TEST_P(FusedPrograms, WritingToOverlappingAndToSeparateRangesIsAsInTurn) {
  define({"xor_imm8 0x5a", "count_eq_imm8 3", "add_imm8 9", "crc32c"});
  const std::vector<Descriptor> overlapping = {blob_range(0, 40000), blob_range(30000, 30000), blob_range(5, 100)};
  const std::vector<Descriptor> apart = {blob_range(1, 20000), blob_range(20001, 7), blob_range(30000, 35000)};
  expect_as_in_turn(overlapping);
  expect_as_in_turn(apart);
}

TEST_P(FusedPrograms, ShortRangesApartAreReadAsTheLastWriterLeftThem) {
  const std::vector<std::vector<std::string>> lists = {
      {"xor_imm8 0x5a", "count_eq_imm8 3", "add_imm8 9", "crc32c", "hist8"},
      {"sum_u64", "xor_imm8 1", "add_imm8 2", "sum_u8", "min_max_u8"},
      {"crc32c", "add_imm8 5"}};
  for (const auto& list : lists) {
    for (const uint64_t length : {8, 64, 72, 200}) {
      SCOPED_TRACE(testing::Message() << list[0] << ", ranges of " << length);
      define(list);
      std::vector<Descriptor> table;
      for (uint64_t at = 3; at + length < 65536; at += length + 8) table.push_back(blob_range(at, length));
      expect_as_in_turn(table);
      runs_ = 1;  // without the room
      expect_as_in_turn(table);
      runs_ = 0;
    }
  }
}

TEST_P(FusedPrograms, TilesMeetEveryByteOnceInOrder) {
  for (const uint64_t length : {uint64_t{1}, uint64_t{kTileBytes - 1}, uint64_t{kTileBytes}, uint64_t{kTileBytes + 1},
                                uint64_t{3 * kTileBytes + 5}}) {
    define({"sha256", "crc64"});
    const std::vector<Descriptor> table = {blob_range(3, length), blob_range(0, 2)};
    expect_as_in_turn(table);
  }
}

TEST_P(FusedPrograms, ARefusalByOneOperationChangesNothing) {
  define({"xor_imm8 1", "sum_u64"});
  const std::vector<Descriptor> odd = {blob_range(0, 8), blob_range(16, 7)};
  const Bytes before = blob_;
  EXPECT_EQ(run(64, odd).status, Status::kBadArgument);
  EXPECT_EQ(blob_, before);
  grants_.clear();
  const std::vector<Descriptor> even = {blob_range(0, 8)};
  const Outcome refused = run(64, even);
  EXPECT_EQ(refused.status, Status::kNotPermitted);
  EXPECT_EQ(refused.value, 0u);
  EXPECT_TRUE(refused.bytes.empty());
  EXPECT_EQ(blob_, before);
  EXPECT_EQ(run(65, even).status, Status::kUnknownOp);
}

TEST_P(FusedPrograms, AreRefusedWithTheirPlaceAndARemedy) {
  const auto error_of = [](const std::vector<std::string>& operations) {
    const std::vector<ProgramConfig> configs = {{64, "x.yaml:1", operations}};
    const auto read = read_programs(configs);
    return read ? Error{} : read.error();
  };
  EXPECT_EQ(error_of({"crc32"}).hint, "did you mean 'crc32c'?");
  EXPECT_EQ(error_of({"xor_imm8 x"}).what, "'xor_imm8 x': what follows the kernel's name is not a whole number");
  EXPECT_EQ(error_of({"xor_imm8 1 2"}).where, "x.yaml:1");
  EXPECT_EQ(error_of({}).what, "program 64 has 0 operations");
  EXPECT_EQ(error_of(std::vector<std::string>(17, "sum_u8")).what, "program 64 has 17 operations");
  EXPECT_EQ(error_of(std::vector<std::string>(4, "hist8")).what,
            "the operations of program 64 answer with 8236 bytes together");
  EXPECT_EQ(error_of({"xor_imm8  0x5a"}).what, "");
}

INSTANTIATE_TEST_SUITE_P(Each, FusedPrograms, testing::Values(Isa::kScalar, Isa::kAvx2, Isa::kAvx512),
                         [](const auto& info) {
                           return std::string(info.param == Isa::kScalar ? "tiles" : name(info.param));
                         });

}  // namespace
}  // namespace pfs
