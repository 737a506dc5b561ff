#include "base/result.hpp"

#include <gtest/gtest.h>

namespace pfs {
namespace {

TEST(Error, PrintsPlaceFaultAndRemedyAsOneLine) {
  EXPECT_EQ((Error{"pipelines/x.yaml:12", "unknown key 'sise'", "did you mean 'size'?"}).line(),
            "pipelines/x.yaml:12: unknown key 'sise'; did you mean 'size'?");
}

TEST(Error, LeavesOutWhatItDoesNotKnow) {
  EXPECT_EQ((Error{"", "no hugepages", "run tests/setup"}).line(), "no hugepages; run tests/setup");
  EXPECT_EQ((Error{"x.yaml", "no stages", ""}).line(), "x.yaml: no stages");
  EXPECT_EQ((Error{"", "no stages", ""}).line(), "no stages");
}

TEST(Fail, IsAConfigurationErrorUnlessSaidOtherwise) {
  const Result<int> configuration = fail("", "wrong");
  EXPECT_EQ(configuration.error().exit, Exit::kConfiguration);
  const Result<int> failed = fail("", "wrong", "", Exit::kFailed);
  EXPECT_EQ(failed.error().exit, Exit::kFailed);
}

}  // namespace
}  // namespace pfs
