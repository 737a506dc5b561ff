#include "stages/file_sink/part_file.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "temp_folder.hpp"

namespace pfs {
namespace {

using test::TempFolder;
using Naming = PartFile::Naming;

Result<void> write_text(PartFile& file, uint64_t offset, const std::string& text) {
  return file.write(offset, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

class PartFileBothWays : public testing::TestWithParam<Naming> {
 protected:
  [[nodiscard]] PartFile make(const Folder& folder) const {
    Result<PartFile> file = PartFile::create(folder, "out", 0640, GetParam());
    if (!file) throw std::runtime_error(file.error().line());
    return std::move(*file);
  }
  TempFolder temp_;
};
INSTANTIATE_TEST_SUITE_P(Naming, PartFileBothWays, testing::Values(Naming::kUnnamedIfPossible, Naming::kNamed),
                         [](const auto& info) { return info.param == Naming::kNamed ? "Named" : "Unnamed"; });

TEST_P(PartFileBothWays, HasItsNameAndPermissionsOnlyAfterCommit) {
  const Folder folder = temp_.open();
  PartFile file = make(folder);
  ASSERT_TRUE(write_text(file, 4, "late"));
  ASSERT_TRUE(write_text(file, 0, "soon"));
  EXPECT_FALSE(std::filesystem::exists(temp_.path("out")));
  ASSERT_TRUE(file.commit(false));
  EXPECT_EQ(temp_.read("out"), "soonlate");
  struct stat there {};
  ASSERT_EQ(stat(temp_.path("out").c_str(), &there), 0);
  EXPECT_EQ(there.st_mode & 0777, 0640u);
  EXPECT_EQ(temp_.names(), std::vector<std::string>{"out"});
}

TEST_P(PartFileBothWays, LeavesNothingWhenItGoesUncommitted) {
  const Folder folder = temp_.open();
  {
    PartFile file = make(folder);
    ASSERT_TRUE(write_text(file, 0, "half"));
    const PartFile moved = std::move(file);
  }
  EXPECT_TRUE(temp_.names().empty());
}

TEST_P(PartFileBothWays, ANameTakenMeanwhileStaysAsItIs) {
  const Folder folder = temp_.open();
  {
    PartFile file = make(folder);
    ASSERT_TRUE(write_text(file, 0, "new"));
    temp_.write("out", "old");
    const Result<void> done = file.commit(false);
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().line().find("exists already"), std::string::npos) << done.error().line();
  }
  EXPECT_EQ(temp_.read("out"), "old");
  EXPECT_EQ(temp_.names(), std::vector<std::string>{"out"});
}

TEST_P(PartFileBothWays, OverwriteReplacesTheOldFile) {
  const Folder folder = temp_.open();
  temp_.write("out", "old and longer");
  PartFile file = make(folder);
  ASSERT_TRUE(write_text(file, 0, "new"));
  ASSERT_TRUE(file.commit(true));
  EXPECT_EQ(temp_.read("out"), "new");
  EXPECT_EQ(temp_.names(), std::vector<std::string>{"out"});
}

TEST_P(PartFileBothWays, ReadsBackWhatWasWrittenAndNoMore) {
  const Folder folder = temp_.open();
  PartFile file = make(folder);
  ASSERT_TRUE(write_text(file, 0, "0123456789"));
  std::string back(4, ' ');
  ASSERT_TRUE(file.read(3, {reinterpret_cast<uint8_t*>(back.data()), back.size()}));
  EXPECT_EQ(back, "3456");
  EXPECT_FALSE(file.read(8, {reinterpret_cast<uint8_t*>(back.data()), back.size()}));
}

/// Runs `steps` of: make, write, commit in a child that then dies by SIGKILL.
void die_after(int steps, const Folder& folder, Naming naming, bool overwrite) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Result<PartFile> file = PartFile::create(folder, "out", 0644, naming);
    if (steps > 1 && file) (void)write_text(*file, 0, "whole");
    if (steps > 2 && file) (void)file->commit(overwrite);
    kill(getpid(), SIGKILL);
    _exit(1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
}

TEST_P(PartFileBothWays, KilledAtAnyStepTheNameIsOldOrWhole) {
  for (const bool there : {false, true}) {
    for (int steps = 1; steps <= 3; ++steps) {
      const TempFolder temp;
      const Folder folder = temp.open();
      if (there) temp.write("out", "old");
      die_after(steps, folder, GetParam(), there);
      const bool exists = std::filesystem::exists(temp.path("out"));
      ASSERT_EQ(exists, there || steps == 3) << "step " << steps;
      if (exists) {
        ASSERT_EQ(temp.read("out"), steps == 3 ? "whole" : "old") << "step " << steps;
      }
      if (GetParam() == Naming::kUnnamedIfPossible) {
        ASSERT_EQ(temp.names().size(), exists ? 1u : 0u) << "step " << steps;
      }
    }
  }
}

TEST(Folder, AbsentOrNotAFolderIsOneLineWithARemedy) {
  const TempFolder temp;
  temp.write("file", "");
  for (const char* name : {"absent", "file"}) {
    const Result<Folder> folder = Folder::open(temp.path(name), "x.yaml:3");
    ASSERT_FALSE(folder) << name;
    EXPECT_TRUE(folder.error().line().starts_with("x.yaml:3: folder '")) << folder.error().line();
    EXPECT_FALSE(folder.error().hint.empty());
  }
}

TEST(Folder, WhereNoFileCanBeMadeIsSaidAtOnce) {
  const Result<Folder> folder = Folder::open("/proc/self", "x.yaml:3");  // root may not write here either
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().line().find("a file cannot be made"), std::string::npos) << folder.error().line();
}

TEST(Folder, OpeningItLeavesNothing) {
  const TempFolder temp;
  const Folder folder = temp.open();
  EXPECT_TRUE(temp.names().empty());
}

TEST(Folder, ANameIsTakenByAnythingAtAllEvenADanglingLink) {
  const TempFolder temp;
  const Folder folder = temp.open();
  EXPECT_TRUE(folder.check_free("out", false));
  ASSERT_EQ(symlink("nowhere", temp.path("out").c_str()), 0);
  EXPECT_FALSE(folder.check_free("out", false));
  EXPECT_TRUE(folder.check_free("out", true));
  std::filesystem::create_directory(temp.path("folder"));
  EXPECT_FALSE(folder.check_free("folder", true));
}

}  // namespace
}  // namespace pfs
