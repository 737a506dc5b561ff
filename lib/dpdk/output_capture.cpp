#include "dpdk/output_capture.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace pfs {

OutputCapture::OutputCapture() {
  std::fflush(stdout);
  std::fflush(stderr);
  held_ = memfd_create("pfs_output", MFD_CLOEXEC);
  if (held_ < 0) return;  // then the output is not held back
  stdout_ = dup(STDOUT_FILENO);
  stderr_ = dup(STDERR_FILENO);
  dup2(held_, STDOUT_FILENO);
  dup2(held_, STDERR_FILENO);
}

OutputCapture::~OutputCapture() { stop(); }

std::string OutputCapture::stop() {
  if (held_ < 0) return {};
  std::fflush(stdout);
  std::fflush(stderr);
  dup2(stdout_, STDOUT_FILENO);
  dup2(stderr_, STDERR_FILENO);
  close(stdout_);
  close(stderr_);
  std::string text;
  std::array<char, 4096> piece{};
  lseek(held_, 0, SEEK_SET);
  for (ssize_t bytes = 0; (bytes = read(held_, piece.data(), piece.size())) > 0;)
    text.append(piece.data(), static_cast<size_t>(bytes));
  close(held_);
  held_ = -1;
  return text;
}

}  // namespace pfs
