// EAL's command line as getopt reads it.
#include "dpdk/eal_arguments.hpp"

#include <gtest/gtest.h>

namespace pfs {
namespace {

using Words = std::vector<std::string>;

std::string refusal(const Words& words) {
  const auto read = read_eal_arguments(words);
  return read ? std::string("taken") : read.error().line();
}

TEST(EalArguments, AbbreviationsAreWrittenOut) {
  const auto read = read_eal_arguments({"packetfs", "--no-hug", "--vd=net_null0", "--file-p", "x", "-l", "0,1"});
  ASSERT_TRUE(read) << read.error().line();
  EXPECT_EQ(read->words, (Words{"packetfs", "--no-huge", "--vdev=net_null0", "--file-prefix", "x", "-l", "0,1"}));
  EXPECT_TRUE(read->no_huge);
  EXPECT_FALSE(read->files);
  EXPECT_EQ(read->devices, Words{"net_null0"});
}

TEST(EalArguments, AnAmbiguousAbbreviationIsRefusedWithWhatItMayBe) {
  EXPECT_EQ(refusal({"packetfs", "--no-h"}), "EAL: '--no-h' may be --no-hpet or --no-huge; write the option out");
}

TEST(EalArguments, AWholeNameIsNoAbbreviationOfALongerOne) {
  EXPECT_EQ(refusal({"packetfs", "--trace", "lib.eal"}), "taken");
}

TEST(EalArguments, UnknownOptionsNameTheNearest) {
  EXPECT_EQ(
      refusal({"packetfs", "--in-memroy"}),
      "EAL: it does not know '--in-memroy'; did you mean 'in-memory'? EAL arguments stand before `--`, packetfs's own "
      "behind it");
  EXPECT_NE(refusal({"packetfs", "--pipeline", "x"}).find("it does not know '--pipeline'; EAL arguments stand"),
            std::string::npos);
  EXPECT_NE(refusal({"packetfs", "-q"}).find("it does not know '-q'"), std::string::npos);
  EXPECT_NE(refusal({"packetfs", "stray"}).find("it does not know 'stray'"), std::string::npos);
}

TEST(EalArguments, AnOptionWithoutItsValueIsRefused) {
  EXPECT_NE(refusal({"packetfs", "--vdev"}).find("--vdev has no value"), std::string::npos);
  EXPECT_NE(refusal({"packetfs", "-l"}).find("-l has no value"), std::string::npos);
  EXPECT_NE(refusal({"packetfs", "--no-huge=1"}).find("--no-huge takes no value"), std::string::npos);
}

TEST(EalArguments, AValueIsNotReadAsAnOption) {
  const auto read = read_eal_arguments({"packetfs", "--file-prefix", "--no-huge", "-m", "64"});
  ASSERT_TRUE(read) << read.error().line();
  EXPECT_FALSE(read->no_huge);
  EXPECT_TRUE(read->amount);
}

TEST(EalArguments, ShortOptionsTakeTheirValueAtOnceOrNext) {
  const auto read = read_eal_arguments({"packetfs", "-m64", "-vl", "0"});
  ASSERT_TRUE(read) << read.error().line();
  EXPECT_TRUE(read->amount);
  EXPECT_EQ(read->words, (Words{"packetfs", "-m64", "-vl", "0"}));
}

TEST(EalArguments, NoHugeWithInMemoryBecomesWhatEalTakes) {
  const auto read = read_eal_arguments({"packetfs", "--in-memory", "--no-huge"});
  ASSERT_TRUE(read) << read.error().line();
  EXPECT_EQ(read->words, (Words{"packetfs", "--no-huge", "--no-shconf"}));
  const auto alone = read_eal_arguments({"packetfs", "--in-memory"});
  EXPECT_EQ(alone->words, (Words{"packetfs", "--in-memory"}));
  EXPECT_FALSE(alone->files);
}

TEST(EalArguments, OnlyAPrimaryProcessRuns) {
  EXPECT_NE(refusal({"packetfs", "--proc-type=secondary"}).find("shares the memory of another process"),
            std::string::npos);
  EXPECT_NE(refusal({"packetfs", "--proc-type", "auto"}).find("shares the memory of another process"),
            std::string::npos);
  EXPECT_EQ(refusal({"packetfs", "--proc-type=primary"}), "taken");
}

}  // namespace
}  // namespace pfs
