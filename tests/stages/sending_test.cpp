#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "stages/file_source/outgoing_file.hpp"
#include "temp_folder.hpp"

namespace pfs {
namespace {

const std::atomic<bool> kGoOn{false};

using test::TempFolder;

TEST(InputFile, WhatIsNoReadableFileIsOneLineWithItsPlace) {
  const TempFolder temp;
  ASSERT_EQ(mkfifo(temp.path("pipe").c_str(), 0600), 0);
  std::filesystem::create_directory(temp.path("folder"));
  for (const std::string& path :
       {temp.path("absent"), temp.path("pipe"), temp.path("folder"), std::string("/dev/null"), std::string()}) {
    const Result<InputFile> file = InputFile::open(path, "x.yaml:7");
    ASSERT_FALSE(file) << path;
    EXPECT_TRUE(file.error().line().starts_with("x.yaml:7: ")) << file.error().line();
    EXPECT_EQ(file.error().line().find('\n'), std::string::npos);
  }
}

TEST(InputFile, ReadsAnyRangeAndHashesTheWhole) {
  const TempFolder temp;
  temp.write("in", "abc");
  const Result<InputFile> file = InputFile::open(temp.path("in"), "");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->name(), "in");
  EXPECT_EQ(file->size(), 3u);
  std::array<uint8_t, 2> two{};
  ASSERT_TRUE(file->read(1, two));
  EXPECT_EQ(two[1], 'c');
  EXPECT_EQ(to_hex(file->contents(kGoOn)->sha256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(InputFile, AFileWhoseSizeCannotBeKnownIsRefused) {
  for (const char* path : {"/proc/cpuinfo", "/proc/self/status", "/sys/kernel/mm/transparent_hugepage/enabled"}) {
    if (!std::filesystem::exists(path)) continue;
    const Result<InputFile> file = InputFile::open(path, "x.yaml:7");
    ASSERT_FALSE(file) << path;
    EXPECT_NE(file.error().line().find("its size cannot be known beforehand"), std::string::npos)
        << file.error().line();
  }
  const TempFolder temp;
  for (const char* text : {"", "x"}) {
    temp.write("in", text);
    EXPECT_TRUE(InputFile::open(temp.path("in"), "")) << text;
  }
}

TEST(InputFile, WhateverChangedIsSaid) {
  using Change = void (*)(const TempFolder&);
  const std::pair<Change, const char*> changes[] = {
      {[](const TempFolder&) {}, ""},
      {[](const TempFolder& t) { std::ofstream(t.path("in"), std::ios::app) << "more"; },
       "its size went from 3 to 7 bytes"},
      {[](const TempFolder& t) { t.write("in", "xyz"); }, "it was written to"},
      {[](const TempFolder& t) { std::filesystem::remove(t.path("in")); },
       "its path leads nowhere: No such file or directory"},
      {[](const TempFolder& t) {
         t.write("new", "abc");
         std::filesystem::rename(t.path("new"), t.path("in"));
       },
       "its path names another file"},
      {[](const TempFolder& t) { chmod(t.path("in").c_str(), 0400); }, "its attributes or links changed"}};
  for (const auto& [change, words] : changes) {
    const TempFolder temp;
    temp.write("in", "abc");
    const timespec old[2] = {{1000, 0}, {1000, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, temp.path("in").c_str(), old, 0), 0);
    const Result<InputFile> file = InputFile::open(temp.path("in"), "");
    ASSERT_TRUE(file);
    // Times advance in ticks of the kernel's clock: a change of the attributes shows in the tick after the opening.
    do change(temp);
    while (file->changed().empty() && *words != '\0');
    EXPECT_EQ(file->changed(), words);
  }
}

TEST(InputFile, AFileThatBecameShorterIsAnErrorNotAFault) {
  const TempFolder temp;
  temp.write("in", std::string(10000, 'x'));
  const Result<InputFile> file = InputFile::open(temp.path("in"), "");
  ASSERT_TRUE(file);
  ASSERT_EQ(truncate(temp.path("in").c_str(), 4096), 0);
  std::vector<uint8_t> bytes(10000);
  const Result<void> done = file->read(0, bytes);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().line().find("ends at 4096 of 10000"), std::string::npos) << done.error().line();
  EXPECT_FALSE(file->contents(kGoOn));
  EXPECT_EQ(file->changed(), "its size went from 10000 to 4096 bytes");
}

/// The file `in` of the folder, opened and read once.
KnownFile known(const TempFolder& temp) {
  Result<InputFile> file = InputFile::open(temp.path("in"), "");
  if (!file) throw std::runtime_error(file.error().line());
  const Result<FileContents> contents = file->contents(kGoOn);
  return {.file = std::move(*file), .contents = *contents};
}

TEST(OutgoingFile, IsReadFromItsBeginningToItsEndAndIsTheSame) {
  const TempFolder temp;
  for (const std::string text : {"", "x", "12345678", "123456789"}) {
    temp.write("in", text);
    const KnownFile source = known(temp);
    OutgoingFile file(source);
    EXPECT_EQ(file.unit().size, text.size());
    EXPECT_EQ(file.unit().name, "in");
    EXPECT_FALSE(file.all_read());
    std::array<uint8_t, 4> room{};
    std::string back;
    do {
      ASSERT_EQ(file.offset(), back.size());
      const auto bytes = file.read_next(room);
      ASSERT_TRUE(bytes);
      back.append(bytes->begin(), bytes->end());
    } while (!file.all_read());
    EXPECT_EQ(back, text);
    EXPECT_EQ(file.changed(), "");
  }
}

TEST(OutgoingFile, BytesThatChangedUnderTheSameTimesAreFoundOnceAllIsRead) {
  const TempFolder temp;
  temp.write("in", "1234567890");
  KnownFile other = known(temp);
  other.contents.crc64 ^= 1;  // as if the first reading had found other bytes
  OutgoingFile file(other);
  std::array<uint8_t, 6> room{};
  ASSERT_TRUE(file.read_next(room));
  EXPECT_EQ(file.changed(), "") << "a part says nothing of the whole";
  ASSERT_TRUE(file.read_next(room));
  EXPECT_EQ(file.changed(), "what was sent is not what its SHA-256 was taken of");
}

}  // namespace
}  // namespace pfs
