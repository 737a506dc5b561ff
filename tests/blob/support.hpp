#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/units.hpp"
#include "blob/build.hpp"
#include "blob/layout.hpp"

namespace pfs::test {

/// A blob in ordinary memory. What nobody wrote is 0xEE, and so are the bytes behind its end, which are not its own.
class Blob {
 public:
  explicit Blob(uint64_t size, uint64_t block = 64) : memory_(size + kMargin, 0xEE) {
    view_.data = memory_.data();
    view_.layout = make_layout(size, block).value();
  }
  [[nodiscard]] BlobView& view() { return view_; }
  [[nodiscard]] std::span<uint8_t> bytes() { return {memory_.data(), view_.layout.size}; }

 private:
  static constexpr uint64_t kMargin = 4096;
  std::vector<uint8_t> memory_;
  BlobView view_;
};

inline void forwards(size_t count, const std::function<void(size_t)>& body) {
  for (size_t i = 0; i < count; ++i) body(i);
}

inline void backwards(size_t count, const std::function<void(size_t)>& body) {
  for (size_t i = count; i-- > 0;) body(i);
}

/// Four threads, interleaved.
inline void threads(size_t count, const std::function<void(size_t)>& body) {
  std::vector<std::jthread> workers;
  for (size_t worker = 0; worker < 4; ++worker) {
    workers.emplace_back([=, &body] {
      for (size_t i = worker; i < count; i += 4) body(i);
    });
  }
}

/// A file that goes away with the object.
class TempFile {
 public:
  explicit TempFile(std::span<const uint8_t> content) {
    char name[] = "/tmp/pfs_test_XXXXXX";
    const int fd = mkstemp(name);
    path_ = name;
    if (fd < 0 || write(fd, content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
      throw std::runtime_error("no temporary file");
    }
    close(fd);
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  ~TempFile() { unlink(path_.c_str()); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::vector<uint8_t> random_bytes(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> bytes(count);
  for (auto& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

}  // namespace pfs::test
