#include "stages/run_control.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pfs {
namespace {

TEST(RunControl, TheRunEndsWithTheLastWorkAndTheFirstFailureStays) {
  RunControl control;
  for (int i = 0; i < 3; ++i) control.expect_work();
  control.work_done(Exit::kDone, "one");
  EXPECT_FALSE(control.stopping());
  control.work_done(Exit::kUnverified, "two");
  EXPECT_FALSE(control.stopping());
  control.work_done(Exit::kDone, "three");
  EXPECT_TRUE(control.stopping());
  EXPECT_EQ(control.exit(), Exit::kUnverified);
}

TEST(RunControl, EndDoesNotWaitForWork) {
  RunControl control;
  control.expect_work();
  control.end(Exit::kFailed, "now");
  EXPECT_TRUE(control.stopping());
}

FileEnd file(bool received, bool verified, uint64_t bytes, double begun, double ended) {
  return {.received = received, .verified = verified, .bytes = bytes, .begun = begun, .ended = ended, .file = "x"};
}

TEST(RunControl, TheResultIsTheSumOfItsFiles) {
  RunControl control;
  EXPECT_FALSE(control.result().present);
  control.add_file(file(false, true, 10, 5, 9));
  control.add_file(file(false, true, 20, 2, 11));
  EXPECT_TRUE(control.result().verified);
  EXPECT_EQ(control.result().bytes, 30u);
  EXPECT_EQ(control.result().seconds, 9.0);
  control.add_file(file(false, false, 0, 11, 12));
  control.add_file(file(false, true, 1, 12, 13));
  EXPECT_FALSE(control.result().verified) << "one failed";
  EXPECT_EQ(control.result().files_ended, 4u);
  EXPECT_EQ(control.result().files_verified, 3u);
  EXPECT_EQ(control.result().files.size(), 4u);
}

TEST(RunControl, WhereFilesAreReceivedTheResultIsOfThem) {
  RunControl control;
  control.add_file(file(false, false, 1, 0, 1));
  control.add_file(file(true, true, 7, 0, 1));
  control.add_file(file(false, false, 1, 0, 1));
  EXPECT_TRUE(control.result().verified);
  EXPECT_EQ(control.result().bytes, 7u);
}

TEST(RunControl, TheListOfFilesIsBoundedAndTheSumsAreNot) {
  RunControl control;
  const uint64_t count = RunControl::kFilesListed + 10;
  for (uint64_t i = 0; i < count; ++i) control.add_file(file(true, true, i, 0, 1));
  EXPECT_EQ(control.result().files.size(), RunControl::kFilesListed);
  EXPECT_EQ(control.result().files.back().bytes, count - 1);
  EXPECT_EQ(control.result().files_ended, count);
}

TEST(RunControl, WhatChangedInTheFilesOfSeveralStagesIsSaidTogether) {
  RunControl control;
  control.set_source(3, "");
  EXPECT_EQ(control.result().source_change, "");
  EXPECT_EQ(control.exit(), Exit::kDone);
  control.set_source(4, "b");
  control.set_source(3, "a");
  control.set_source(5, "");
  EXPECT_EQ(control.result().source_change, "a; b");
  EXPECT_EQ(control.exit(), Exit::kSourceChanged);
}

}  // namespace
}  // namespace pfs
