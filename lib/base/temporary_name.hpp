#pragma once

#include <cerrno>
#include <string>

namespace pfs {

/// `.NAME.part-XXXXXXXXXXXXXXXX` with 64 bits from the kernel's random numbers, so that nobody can make a file or a
/// symbolic link of that name beforehand. A long NAME is cut; the result is at most 222 bytes, below NAME_MAX.
std::string temporary_name(const std::string& name);

/// Calls `make` with temporary names until it returns true, and returns the name that it took. `make` must not replace
/// a file. Returns an empty string, with the reason in errno, when `make` fails for another reason than EEXIST.
template <class Make>
std::string make_temporary(const std::string& name, Make make) {
  constexpr int kTries = 4;  // one name of 2^64 that is taken is no accident; four in a row are a broken filesystem
  for (int i = 0; i < kTries; ++i) {
    std::string temporary = temporary_name(name);
    if (make(temporary)) return temporary;
    if (errno != EEXIST) break;
  }
  return {};
}

}  // namespace pfs
