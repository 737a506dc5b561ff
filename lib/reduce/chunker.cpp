#include "reduce/chunker.hpp"

#include <algorithm>

#include "reduce/gear.hpp"

namespace pfs::reduce {

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
  return end;
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
