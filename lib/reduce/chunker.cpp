#include "reduce/chunker.hpp"

#include <algorithm>

#include "reduce/gear.hpp"

namespace pfs::reduce {

/// Where a chunk of `most` bytes ends whose hashes are all too large: behind the last of the smallest hashes in its
/// second half. So content that repeats itself without a cut is cut alike too, wherever a chunk of it begins.
size_t Chunker::forced(const uint8_t* data) const noexcept {
  // Each hash waits for the one before it, and so two stretches take little longer together than one.
  const size_t stretch = most_ / 4;
  const uint8_t* const first = data + most_ / 2;
  const uint8_t* const second = first + stretch;
  uint64_t hash_of_first = 0;
  uint64_t hash_of_second = 0;
  for (const uint8_t* at = first - kGearWindow; at < first; ++at) {
    hash_of_first = gear_step(hash_of_first, at[0]);
    hash_of_second = gear_step(hash_of_second, at[stretch]);
  }
  uint64_t smallest_of_first = hash_of_first;
  uint64_t smallest_of_second = hash_of_second;
  size_t in_first = 0;
  size_t in_second = 0;
  for (size_t i = 0; i < stretch; ++i) {
    hash_of_first = gear_step(hash_of_first, first[i]);
    hash_of_second = gear_step(hash_of_second, second[i]);
    if (hash_of_first <= smallest_of_first) {
      smallest_of_first = hash_of_first;
      in_first = i + 1;
    }
    if (hash_of_second <= smallest_of_second) {
      smallest_of_second = hash_of_second;
      in_second = i + 1;
    }
  }
  return most_ / 2 + (smallest_of_second <= smallest_of_first ? stretch + in_second : in_first);
}

size_t Chunker::length(const uint8_t* data, size_t bytes) const noexcept {
  if (bytes <= least_) return bytes;
  const size_t end = std::min<size_t>(bytes, most_);
  uint64_t hash = 0;
  for (size_t i = least_ - kGearWindow; i + 1 < least_; ++i) hash = gear_step(hash, data[i]);
  // Eight bytes a turn: the compiler does not unroll a loop with several exits, and the count then costs as much as
  // the hash.
  size_t i = least_ - 1;
  for (; i + 8 <= end; i += 8) {
    const uint8_t* const at = data + i;
    if ((hash = gear_step(hash, at[0])) <= below_) return i + 1;
    if ((hash = gear_step(hash, at[1])) <= below_) return i + 2;
    if ((hash = gear_step(hash, at[2])) <= below_) return i + 3;
    if ((hash = gear_step(hash, at[3])) <= below_) return i + 4;
    if ((hash = gear_step(hash, at[4])) <= below_) return i + 5;
    if ((hash = gear_step(hash, at[5])) <= below_) return i + 6;
    if ((hash = gear_step(hash, at[6])) <= below_) return i + 7;
    if ((hash = gear_step(hash, at[7])) <= below_) return i + 8;
  }
  for (; i < end; ++i) {
    if ((hash = gear_step(hash, data[i])) <= below_) return i + 1;
  }
  return bytes < most_ ? bytes : forced(data);
}

size_t Chunker::cut(std::span<const uint8_t> input, size_t from, size_t until,
                    std::span<uint64_t> ends) const noexcept {
  size_t count = 0;
  while (from < until && count < ends.size()) {
    from += length(input.data() + from, input.size() - from);
    ends[count++] = from;
  }
  return count;
}

CutPart cut_part(const Chunker& chunker, std::span<const uint8_t> input, uint64_t from, uint64_t until) {
  CutPart part{.from = from, .ends = {}};
  part.ends.reserve((until - from) / (4 * uint64_t{chunker.least()}) + 1);
  for (uint64_t at = from; at < until; part.ends.push_back(at)) {
    at += chunker.length(input.data() + at, input.size() - at);
  }
  return part;
}

void join_parts(const Chunker& chunker, std::span<const uint8_t> input, std::span<const CutPart> parts,
                std::vector<uint64_t>& ends) {
  uint64_t at = 0;  // the serial chain has come so far
  for (size_t i = 0; i < parts.size(); ++i) {
    const CutPart& part = parts[i];
    const uint64_t until = i + 1 < parts.size() ? parts[i + 1].from : input.size();
    auto met = part.ends.begin();
    if (at != part.from) {
      for (; at < until; ends.push_back(at)) {
        met = std::lower_bound(met, part.ends.end(), at);
        if (met != part.ends.end() && *met == at) {
          ++met;
          break;
        }
        at += chunker.length(input.data() + at, input.size() - at);
      }
      if (at >= until) continue;
    }
    ends.insert(ends.end(), met, part.ends.end());
    if (met != part.ends.end()) at = part.ends.back();
  }
}

}  // namespace pfs::reduce
