// What a killed run left is taken back, and what a living one holds is not.
#include "dpdk/left_behind.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

namespace pfs {
namespace {

namespace fs = std::filesystem;

class LeftBehind : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "pfs-left.XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path file(const std::string& name) {
    std::ofstream(folder_ / name) << std::string(100, 'x');
    return folder_ / name;
  }

  /// A UNIX socket at the path: bound, and listening if `listens`.
  int socket_at(const fs::path& path, bool listens, int kind = SOCK_SEQPACKET) {
    const int made = socket(AF_UNIX, kind, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.string().size());
    EXPECT_EQ(bind(made, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    if (listens) {
      EXPECT_EQ(listen(made, 1), 0);
    }
    return made;
  }

  fs::path folder_;
};

TEST_F(LeftBehind, PageFilesOfTheDeadGoAndThoseOfTheLivingStay) {
  const fs::path dead = file("rtemap_0");
  const fs::path prefixed = file("pfs-12map_7");
  const fs::path living = file("rtemap_1");
  const int holder = open(living.c_str(), O_RDONLY);
  ASSERT_EQ(flock(holder, LOCK_SH), 0);
  EXPECT_EQ(take_back_hugepages(folder_), 200u);
  EXPECT_FALSE(fs::exists(dead));
  EXPECT_FALSE(fs::exists(prefixed));
  EXPECT_TRUE(fs::exists(living));
  close(holder);
}

TEST_F(LeftBehind, NothingGoesWhileAProcessMakesItsFiles) {
  const fs::path made = file("rtemap_0");
  const int starting = open(folder_.c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(flock(starting, LOCK_EX), 0);
  EXPECT_EQ(take_back_hugepages(folder_), 0u);
  EXPECT_TRUE(fs::exists(made));
  close(starting);
  EXPECT_EQ(take_back_hugepages(folder_), 100u);
}

TEST_F(LeftBehind, OtherFilesAndLinksStay) {
  const fs::path other = file("map_0");
  const fs::path named = file("rtemap_x");
  const fs::path target = file("precious");
  fs::create_symlink(target, folder_ / "rtemap_3");
  EXPECT_EQ(take_back_hugepages(folder_), 0u);
  for (const fs::path& path : {other, named, target, folder_ / "rtemap_3"}) EXPECT_TRUE(fs::exists(path)) << path;
  EXPECT_EQ(take_back_hugepages(folder_ / "nowhere"), 0u);
}

TEST_F(LeftBehind, ASocketOfTheDeadIsTold) {
  const fs::path path = folder_ / "memif.sock";
  EXPECT_FALSE(*is_dead_socket(path)) << "a free path is no finding";
  close(socket_at(path, true));
  const auto dead = is_dead_socket(path);
  ASSERT_TRUE(dead) << dead.error().line();
  EXPECT_TRUE(*dead);
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(LeftBehind, ASocketOfTheLivingAndAFileAreErrors) {
  const fs::path path = folder_ / "memif.sock";
  const int listener = socket_at(path, true);
  const auto dead = is_dead_socket(path);
  ASSERT_FALSE(dead);
  EXPECT_NE(dead.error().what.find("another process listens"), std::string::npos);
  close(listener);
  EXPECT_NE(is_dead_socket(file("plain")).error().what.find("no socket"), std::string::npos);
}

TEST_F(LeftBehind, AListenerOfAnotherKindOfSocketIsAListener) {
  const fs::path path = folder_ / "stream.sock";
  const int listener = socket_at(path, true, SOCK_STREAM);
  const auto dead = is_dead_socket(path);
  ASSERT_FALSE(dead);
  EXPECT_NE(dead.error().what.find("another process listens"), std::string::npos);
  close(listener);
}

}  // namespace
}  // namespace pfs
