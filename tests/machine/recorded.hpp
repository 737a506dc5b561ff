#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "machine/tree.hpp"

namespace pfs::test {

/// A tree as somebody's machine showed it, written file by file. It goes away with the object.
class Recorded {
 public:
  Recorded() {
    std::string name = (std::filesystem::temp_directory_path() / "pfs-machine.XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~Recorded() { std::filesystem::remove_all(root_); }
  Recorded(const Recorded&) = delete;
  Recorded& operator=(const Recorded&) = delete;

  Recorded& file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << '\n';
    return *this;
  }
  Recorded& link(const std::string& path, const std::string& target) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::filesystem::create_symlink(target, root_ / path);
    return *this;
  }
  Recorded& folder(const std::string& path) {
    std::filesystem::create_directories(root_ / path);
    return *this;
  }
  /// Hugepages of one size: so many, of which some are free.
  Recorded& pages(const std::string& size, int total, int free) {
    const std::string at = "sys/kernel/mm/hugepages/hugepages-" + size + "/";
    return file(at + "nr_hugepages", std::to_string(total))
        .file(at + "free_hugepages", std::to_string(free))
        .file(at + "resv_hugepages", "0");
  }
  [[nodiscard]] Tree tree() const { return Tree(root_); }
  [[nodiscard]] std::filesystem::path path() const { return root_; }

 private:
  std::filesystem::path root_;
};

}  // namespace pfs::test
