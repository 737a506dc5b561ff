#include "data.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>

#include "base/units.hpp"

namespace pfs::bench {
namespace {

using Bytes = std::vector<uint8_t>;

void give_up(const char* what, const char* name) {
  std::fprintf(stderr, "reduce_bench: %s: %s\n", name, what);
  std::exit(1);
}

Bytes read_file(const char* path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) give_up("it cannot be read", path);
  Bytes bytes(static_cast<size_t>(file.tellg()));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file) give_up("it cannot be read", path);
  return bytes;
}

Bytes make_older() {
  std::mt19937_64 random(1);
  Bytes bytes;
  while (bytes.size() < 64 * kMiB) {
    const uint64_t kind = random() % 4;
    for (uint64_t left = 1 + random() % 20000; left-- > 0;) {
      bytes.push_back(static_cast<uint8_t>(kind == 3 ? 0 : kind == 2 ? random() : 'a' + random() % 16));
    }
  }
  return bytes;
}

Bytes make_newer(const Bytes& older) {
  std::mt19937_64 random(2);
  Bytes bytes;
  for (size_t at = 0; at < older.size();) {
    const size_t kept = std::min<size_t>(random() % 40000, older.size() - at);
    bytes.insert(bytes.end(), older.begin() + static_cast<ptrdiff_t>(at),
                 older.begin() + static_cast<ptrdiff_t>(at + kept));
    const uint64_t edit = random() % 3;
    const uint64_t length = 1 + random() % 200;
    if (edit != 1)
      for (uint64_t i = 0; i < length; ++i) bytes.push_back(static_cast<uint8_t>('a' + random() % 16));
    at += kept + (edit == 0 ? 0 : length);
  }
  return bytes;
}

}  // namespace

Pages::Pages(uint64_t bytes) : bytes_(bytes) {
  void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) give_up("no memory", "the versions");
  madvise(memory, bytes, MADV_HUGEPAGE);
  data_ = static_cast<uint8_t*>(memory);
}

Pages::~Pages() { munmap(data_, bytes_); }

const Versions& versions() {
  static const Versions both = [] {
    const char* const old_path = std::getenv("PFS_OLD");
    const char* const new_path = std::getenv("PFS_NEW");
    const Bytes older = old_path != nullptr ? read_file(old_path) : make_older();
    const Bytes newer = new_path != nullptr ? read_file(new_path) : make_newer(older);
    const uint64_t size = kMiB + (older.size() + kMiB - 1) / kMiB * kMiB;
    static Pages blob(std::max(size, 2 * kMiB));
    static Pages input(std::max<uint64_t>(newer.size(), 1));
    static BlobView view{.data = blob.bytes().data(), .layout = make_layout(blob.bytes().size(), 64).value()};
    std::copy(older.begin(), older.end(), view.data + view.layout.l3);
    std::copy(newer.begin(), newer.end(), input.bytes().begin());
    return Versions{view, {view.data + view.layout.l3, older.size()}, input.bytes().first(newer.size())};
  }();
  return both;
}

}  // namespace pfs::bench
