#include "base/input.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace pfs {

Result<Input> Input::open(const std::string& path) {
  const int file = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail(path, fmt::format("cannot be opened: {}", std::strerror(errno)), "check the path");
  return Input(file, path);
}

Input::Input(Input&& from) noexcept { *this = std::move(from); }

Input& Input::operator=(Input&& from) noexcept {
  std::swap(file_, from.file_);
  name_ = std::move(from.name_);
  buffer_ = std::move(from.buffer_);
  begin_ = from.begin_;
  end_ = from.end_;
  taken_ = from.taken_;
  return *this;
}

Input::~Input() {
  if (file_ >= 0) (void)::close(file_);
}

void Input::take(size_t bytes) noexcept {
  begin_ += bytes;
  taken_ += bytes;
}

Result<size_t> Input::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  ssize_t got = 0;
  do got = ::read(file_, buffer_.data() + end_, buffer_.size() - end_);
  while (got < 0 && errno == EINTR);
  if (got < 0) return fail(name_, fmt::format("cannot be read: {}", std::strerror(errno)), "check the file");
  end_ += static_cast<size_t>(got);
  return static_cast<size_t>(got);
}

Result<std::span<const uint8_t>> Input::peek(size_t bytes) {
  while (ready().size() < bytes) {
    const auto got = fill();
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) break;
  }
  const auto there = ready();
  return there.first(std::min(bytes, there.size()));
}

Result<size_t> Input::read(std::span<uint8_t> to) {
  const auto next = peek(to.empty() ? 0 : 1);
  if (!next) return tl::unexpected(next.error());
  const size_t bytes = std::min(to.size(), ready().size());
  if (bytes > 0) std::memcpy(to.data(), ready().data(), bytes);
  take(bytes);
  return bytes;
}

Result<bool> Input::line(std::string& text) {
  text.clear();
  while (true) {
    const auto next = peek(1);
    if (!next) return tl::unexpected(next.error());
    if (next->empty()) return !text.empty();
    const auto bytes = ready();
    const auto end = std::find(bytes.begin(), bytes.end(), uint8_t{'\n'});
    text.append(bytes.begin(), end);
    const bool whole = end != bytes.end();
    take(static_cast<size_t>(end - bytes.begin()) + (whole ? 1 : 0));
    if (whole) return true;
  }
}

}  // namespace pfs
