#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "config/node.hpp"
#include "config/pipeline.hpp"

namespace pfs {

/// The one line that main would print, or `no error`.
template <class T>
std::string error_of(const Result<T>& result) {
  return result ? "no error" : result.error().line();
}

/// A node from text that has to parse, placed in `t.yaml`.
inline Node yaml(std::string_view text) {
  auto node = parse_yaml(text, "t.yaml");
  EXPECT_TRUE(node) << error_of(node) << "\nin: " << text;
  return node ? *node : Node{};
}

/// A pipeline from text and --set assignments.
inline Result<std::shared_ptr<const PipelineConfig>> pipeline(std::string_view text,
                                                              const std::vector<std::string>& sets = {}) {
  Node root = yaml(text);
  for (const std::string& set : sets)
    if (auto done = set_value(root, set); !done) return tl::unexpected(done.error());
  return check_pipeline(std::move(root), "t.yaml");
}

/// A folder of its own that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "pfs_config_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string path() const { return path_; }
  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << text;
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

}  // namespace pfs
