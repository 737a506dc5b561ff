#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace pfs {

/// Memory that ends right before a page that cannot be touched, and starts right behind one: any access past either
/// end is a crash.
class Guarded {
 public:
  explicit Guarded(size_t bytes) : page_(static_cast<size_t>(sysconf(_SC_PAGESIZE))) {
    room_ = (bytes + page_ - 1) / page_ * page_;
    void* map = mmap(nullptr, room_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) throw std::bad_alloc();
    map_ = static_cast<uint8_t*>(map);
    if (mprotect(map_ + page_, room_, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { munmap(map_, room_ + 2 * page_); }

  /// The last `bytes` before the wall, as a copy of `from`.
  uint8_t* at_end(const uint8_t* from, size_t bytes) {
    uint8_t* at = map_ + page_ + room_ - bytes;
    if (bytes > 0) std::memcpy(at, from, bytes);
    return at;
  }

  /// The first `bytes` behind the wall.
  uint8_t* at_start(const uint8_t* from, size_t bytes) {
    if (bytes > 0) std::memcpy(map_ + page_, from, bytes);
    return map_ + page_;
  }

 private:
  size_t page_;
  size_t room_;
  uint8_t* map_;
};

}  // namespace pfs
