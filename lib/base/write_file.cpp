#include "base/write_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace pfs {
namespace {

std::error_code write_to(const std::string& path, const std::string& text) {
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  return file ? std::error_code() : std::error_code(errno != 0 ? errno : EIO, std::generic_category());
}

}  // namespace

Result<void> write_file(const std::string& path, const std::string& text) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::is_directory(status))
    return fail(path, "it cannot be written: it is a folder", "give the path of a file", Exit::kFailed);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    error = write_to(path, text);
  } else {
    const std::string part = path + ".part";
    error = write_to(part, text);
    if (!error) std::filesystem::rename(part, path, error);
    std::error_code ignored;
    if (error) std::filesystem::remove(part, ignored);
  }
  if (!error) return {};
  return fail(path, "it cannot be written: " + error.message(), "nothing new was left there; give another path",
              Exit::kFailed);
}

}  // namespace pfs
