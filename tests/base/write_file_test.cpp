#include "base/write_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include "base/temporary_name.hpp"

namespace pfs {
namespace {

class WriteFile : public testing::Test {
 protected:
  WriteFile() {
    std::string name = (std::filesystem::temp_directory_path() / "pfs-base-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = name;
  }
  ~WriteFile() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void put(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) all.insert(entry.path().filename());
    return all;
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(WriteFile, ReplacesAFileAndLeavesNothingElse) {
  put("report", "an old and longer text");
  ASSERT_TRUE(write_file(path("report"), "new"));
  EXPECT_EQ(read("report"), "new");
  EXPECT_EQ(names(), std::set<std::string>{"report"});
}

TEST_F(WriteFile, ALinkPlantedAtThePartNameIsNotFollowed) {
  put("victim", "precious");
  std::filesystem::create_symlink(path("victim"), path("report.part"));
  ASSERT_TRUE(write_file(path("report"), "new"));
  EXPECT_EQ(read("victim"), "precious");
  EXPECT_EQ(read("report"), "new");
}

TEST_F(WriteFile, ALinkAtTheNameItselfIsReplacedNotFollowed) {
  put("victim", "precious");
  std::filesystem::create_symlink(path("victim"), path("report"));
  ASSERT_TRUE(write_file(path("report"), "new"));
  EXPECT_EQ(read("victim"), "precious");
  EXPECT_EQ(read("report"), "new");
  EXPECT_FALSE(std::filesystem::is_symlink(path("report")));
}

TEST_F(WriteFile, AStrangersLinkToADeviceIsReplacedOursIsFollowed) {
  if (geteuid() != 0) GTEST_SKIP() << "giving a link to another user needs root";
  for (const uid_t owner : {uid_t{0}, uid_t{65534}}) {
    std::filesystem::remove(path("report"));
    std::filesystem::create_symlink("/dev/null", path("report"));
    ASSERT_EQ(lchown(path("report").c_str(), owner, owner), 0);
    ASSERT_TRUE(write_file(path("report"), "new"));
    EXPECT_EQ(std::filesystem::is_symlink(path("report")), owner == 0);
  }
  EXPECT_EQ(read("report"), "new");
}

TEST_F(WriteFile, WhatCannotBeWrittenIsOneLineBeforehandAndAfterwards) {
  put("file", "");
  std::filesystem::create_directory(path("folder"));
  const std::string nowhere[] = {
      path(std::string(300, 'x')), path("absent/report"), path("file/report"), path("folder"), path("folder/"),
      path(std::string(5000, 'y'))};
  for (const std::string& target : nowhere) {
    const Result<void> checked = check_writable(target);
    ASSERT_FALSE(checked) << target;
    EXPECT_EQ(checked.error().exit, Exit::kConfiguration);
    const Result<void> written = write_file(target, "new");
    ASSERT_FALSE(written) << target;
    EXPECT_EQ(written.error().exit, Exit::kFailed);
    EXPECT_NE(written.error().line().find("it cannot be written: "), std::string::npos) << written.error().line();
  }
  EXPECT_EQ(names(), (std::set<std::string>{"file", "folder"}));
}

TEST_F(WriteFile, CheckingLeavesNothingAndSparesWhatIsThere) {
  put("report", "old");
  EXPECT_TRUE(check_writable(path("report")));
  EXPECT_TRUE(check_writable(path("another")));
  EXPECT_TRUE(check_writable("/dev/null"));
  EXPECT_TRUE(check_writable(path(std::string(255, 'x'))));
  EXPECT_EQ(read("report"), "old");
  EXPECT_EQ(names(), std::set<std::string>{"report"});
}

TEST_F(WriteFile, TheLongestNameThereIsCanBeWritten) {
  const std::string name(255, 'x');
  ASSERT_TRUE(write_file(path(name), "new"));
  EXPECT_EQ(read(name), "new");
}

TEST(TemporaryName, NeverRepeatsAndFitsAFilesystem) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = temporary_name(std::string(255, 'x'));
    EXPECT_LE(name.size(), 255u);
    EXPECT_TRUE(seen.insert(name).second) << name;
  }
}

TEST(TemporaryName, AnotherIsTriedOnlyWhereTheNameIsTaken) {
  int calls = 0;
  const auto taken_twice = [&](const std::string&) {
    errno = EEXIST;
    return ++calls == 3;
  };
  EXPECT_TRUE(make_temporary("report", taken_twice).starts_with(".report.part-"));
  EXPECT_EQ(calls, 3);
  calls = 0;
  const auto refused = [&](const std::string&) {
    ++calls;
    errno = EACCES;
    return false;
  };
  EXPECT_EQ(make_temporary("report", refused), "");
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace pfs
