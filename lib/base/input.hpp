#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace pfs {

/// A file or pipe that is read once, from its beginning to its end. The next bytes can be looked at before they are
/// taken, so that a pipe too tells what it holds, and the bytes taken are counted.
class Input {
 public:
  static constexpr size_t kBufferBytes = 64 << 10;  // a system call then costs less than copying its bytes

  /// Opens `path` for reading; `-` is stdin. Error if it cannot be opened.
  static Result<Input> open(const std::string& path);

  Input(Input&& from) noexcept;
  Input& operator=(Input&& from) noexcept;
  ~Input();

  /// The next bytes, fewer than `bytes` (up to kBufferBytes) only where the file ends; they are not taken. Valid until
  /// the next call. Error if the file cannot be read.
  Result<std::span<const uint8_t>> peek(size_t bytes);

  /// Takes the next bytes into `to` and returns their number, 0 at the end of the file.
  Result<size_t> read(std::span<uint8_t> to);

  /// Takes the next line, without its line end; false at the end of the file.
  Result<bool> line(std::string& text);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }  ///< the path as it was given
  [[nodiscard]] uint64_t taken() const noexcept { return taken_; }          ///< bytes

 private:
  Input(int file, std::string name) : file_(file), name_(std::move(name)), buffer_(kBufferBytes) {}

  [[nodiscard]] std::span<const uint8_t> ready() const noexcept { return {buffer_.data() + begin_, end_ - begin_}; }
  void take(size_t bytes) noexcept;
  /// Reads once behind the bytes that are ready; 0 at the end of the file.
  Result<size_t> fill();

  int file_ = -1;  ///< descriptor; -1: nothing to close
  std::string name_;
  std::vector<uint8_t> buffer_;
  size_t begin_ = 0;  ///< the bytes ready are buffer_[begin_, end_)
  size_t end_ = 0;
  uint64_t taken_ = 0;
};

}  // namespace pfs
