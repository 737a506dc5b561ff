#include "input.hpp"

#include <algorithm>

namespace pfs::variants {
namespace {

constexpr const char* kContents[] = {"random", "all ones", "zeros", "few values", "counting up"};
constexpr const char* kPlaces[] = {"right before a wall", "right behind a wall", "misaligned"};

std::vector<size_t> sizes() {
  std::vector<size_t> all{0, 1, 2, 3, 5};
  for (size_t lanes = 4; lanes <= 1024; lanes *= 2) {
    for (const size_t size : {lanes - 1, lanes, lanes + 1}) all.push_back(size);
  }
  for (const size_t size : {100, 300, 1500, 4095, 4096, 4097}) all.push_back(size);
  return all;
}

std::vector<uint8_t> content_of(Content content, size_t count, std::mt19937_64& random) {
  std::vector<uint8_t> bytes(count);
  const auto start = static_cast<uint8_t>(random());
  for (size_t i = 0; i < count; ++i) {
    switch (content) {
      case Content::kRandom:
        bytes[i] = static_cast<uint8_t>(random());
        break;
      case Content::kAllOnes:
        bytes[i] = 0xFF;
        break;
      case Content::kFew:
        bytes[i] = static_cast<uint8_t>(start + random() % 3);
        break;
      case Content::kCounting:  // as big-endian u32
        bytes[i] = static_cast<uint8_t>(i / 4 >> (8 * (3 - i % 4)));
        break;
      case Content::kZeros:
      case Content::kEnd:
        break;
    }
  }
  return bytes;
}

}  // namespace

std::string Case::text() const {
  return "seed " + std::to_string(seed) + ", size " + std::to_string(size) + ", " +
         kContents[static_cast<size_t>(content)] + ", " + kPlaces[static_cast<size_t>(place)];
}

std::vector<Case> all_cases(uint64_t seed) {
  std::vector<Case> all;
  for (const size_t size : sizes()) {
    for (uint8_t content = 0; content < static_cast<uint8_t>(Content::kEnd); ++content) {
      for (uint8_t place = 0; place < static_cast<uint8_t>(Place::kEnd); ++place) {
        all.push_back({seed++, size, static_cast<Content>(content), static_cast<Place>(place)});
      }
    }
  }
  return all;
}

std::string Outcome::against(const Outcome& other) const {
  for (size_t i = 0; i < std::max(numbers_.size(), other.numbers_.size()); ++i) {
    if (i >= numbers_.size() || i >= other.numbers_.size() || numbers_[i] != other.numbers_[i])
      return "number " + std::to_string(i) + " differs";
  }
  for (size_t i = 0; i < std::min(bytes_.size(), other.bytes_.size()); ++i) {
    if (bytes_[i] != other.bytes_[i]) return "byte " + std::to_string(i) + " differs";
  }
  return bytes_.size() == other.bytes_.size() ? "equal" : "one has more bytes than the other";
}

Input::Input(const Case& input) : case_(input), random_(input.seed) {}

Guarded& Input::memory(size_t count) {
  return *memories_.emplace_back(std::make_unique<Guarded>(std::max<size_t>(count, 1)));
}

uint8_t* Input::place(const std::vector<uint8_t>& bytes) {
  if (case_.place == Place::kBeforeWall) return memory(bytes.size()).at_end(bytes.data(), bytes.size());
  if (case_.place == Place::kBehindWall) return memory(bytes.size()).at_start(bytes.data(), bytes.size());
  const size_t gap = 1 + random_() % 63;
  std::vector<uint8_t> behind_gap(gap);
  behind_gap.insert(behind_gap.end(), bytes.begin(), bytes.end());
  return memory(behind_gap.size()).at_start(behind_gap.data(), behind_gap.size()) + gap;
}

uint8_t* Input::data(size_t count) { return place(content_of(case_.content, count, random_)); }

uint8_t* Input::room(size_t count) { return place(std::vector<uint8_t>(count, 0xA5)); }

}  // namespace pfs::variants
