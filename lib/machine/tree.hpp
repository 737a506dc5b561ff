#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pfs {

/// /proc and /sys as files below a folder: `/` on the running machine, a recorded tree in a test. Paths are relative to
/// that folder (`proc/mounts`). Nothing throws; a file that cannot be read is an absent one.
class Tree {
 public:
  explicit Tree(std::filesystem::path root = "/") : root_(std::move(root)) {}

  [[nodiscard]] bool has(const std::string& path) const;
  /// The whole text of a file without the last line's end.
  [[nodiscard]] std::optional<std::string> text(const std::string& path) const;
  /// A decimal number that fills a file alone.
  [[nodiscard]] std::optional<uint64_t> number(const std::string& path) const;
  /// The names in a folder in ascending order; none if there is no such folder.
  [[nodiscard]] std::vector<std::string> names(const std::string& folder) const;
  /// The last part of where a symbolic link points (`vfio-pci` of `.../driver`); empty if there is no link.
  [[nodiscard]] std::string target(const std::string& link) const;

 private:
  std::filesystem::path root_;
};

}  // namespace pfs
