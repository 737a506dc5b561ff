#include "reduce/matcher.hpp"

#include <algorithm>

#include "reduce/common_length.hpp"

namespace pfs::reduce {
namespace {

// A shorter match costs more on the wire than its bytes (cost.hpp), unless it joins others.
constexpr size_t kLeastMatch = 32;
constexpr size_t kFollow = 1024;     // bytes behind a match in which the same distance is tried (bench/README.md)
constexpr size_t kProbe = 16;        // bytes; of 31 equal bytes, 16 stand at a multiple of 16
constexpr size_t kLeastZeros = 64;   // bytes; fewer are left to the literal around them
constexpr size_t kSkipZeros = 4096;  // bytes; a run of zeros that no chunk is cut of
// A match is extended over the pieces before it by so many bytes, and by so many for each byte that it adds: the work
// stays in proportion to the input also where the blob holds the same bytes in many places.
constexpr size_t kBehind = 4096;
constexpr size_t kBehindOfAhead = 4;

/// Finds the first stretch of kLeastMatch equal bytes, or more, of which `most` bytes are looked at: where it begins,
/// and up to where equal bytes were seen. Returns {most, most} if there is none.
struct Stretch {
  size_t begin = 0;
  size_t end = 0;
};
Stretch find_equal(const uint8_t* a, const uint8_t* b, size_t most) noexcept {
  for (size_t at = 0; at + kProbe <= most; at += kProbe) {
    if (load_word(a + at) != load_word(b + at) || load_word(a + at + 8) != load_word(b + at + 8)) continue;
    const size_t begin = at - equal_behind(a + at, b + at, std::min(at, kProbe - 1));
    const size_t end =
        at + kProbe + equal_ahead(a + at + kProbe, b + at + kProbe, std::min(kProbe, most - at - kProbe));
    if (end - begin >= kLeastMatch) return {begin, end};
  }
  return {most, most};
}

}  // namespace

/// Pieces from `at` on are taken back, because one piece will stand for all of them.
void Matcher::drop_covered(Pass& pass, size_t at) noexcept {
  PieceTable& out = pass.out;
  while (out.count > pass.first && pass.covered - out.data[out.count - 1].length >= at) {
    pass.covered -= out.data[--out.count].length;
  }
}

/// Denotes the bytes up to `until`, which no match covers: runs of zeros as such, literals for the rest.
void Matcher::push_literal(Pass& pass, size_t until) noexcept {
  const uint8_t* const data = pass.input.data();
  const auto push = [this, &pass](PieceKind kind, size_t from, size_t end) {
    if (from == end || pass.full) return;
    if (pass.out.push(pass.first, make_piece(kind, kind == PieceKind::kZeros ? 0 : from, end - from))) {
      pass.covered = end;
      if (next_ != kUnknown) next_ = std::min<uint64_t>(next_ + end - from, blob_.size());
    } else {
      pass.full = true;
    }
  };
  for (size_t at = pass.covered; until - at >= kLeastZeros / 2 && !pass.full;) {
    // Every run of kLeastZeros zeros holds a word of zeros at one of these places.
    if (load_word(data + at) != 0) {
      at += kLeastZeros / 2;
      continue;
    }
    size_t begin = at;
    while (begin > pass.covered && data[begin - 1] == 0) --begin;
    const size_t end = at + zeros_ahead(data + at, until - at);
    if (end - begin >= kLeastZeros) {
      push(PieceKind::kLiteral, pass.covered, begin);
      push(PieceKind::kZeros, begin, end);
    }
    at = std::max(end, at + kLeastZeros / 2);
  }
  push(PieceKind::kLiteral, pass.covered, until);
}

/// The input's `length` bytes at `at` are the blob's at `from`. False if they were not taken.
bool Matcher::take_match(Pass& pass, size_t at, uint64_t from, size_t length) noexcept {
  drop_covered(pass, at);
  if (at < pass.covered) {  // a part of a piece that stays
    const size_t there = pass.covered - at;
    at += there;
    from += there;
    length -= there;
    if (length < kLeastCopy) return false;
  }
  push_literal(pass, at);
  if (pass.full) return false;
  if (!pass.out.push(pass.first, make_piece(PieceKind::kCopy, from, length))) {
    pass.full = true;
    return false;
  }
  pass.covered = at + length;
  next_ = from + length;
  return true;
}

/// Goes on at the same distance, as long as that finds anything.
void Matcher::follow(Pass& pass) noexcept {
  while (next_ < blob_.size()) {
    const uint8_t* const here = pass.input.data() + pass.covered;
    const uint8_t* const there = blob_.data() + next_;
    const size_t most = std::min<size_t>(pass.input.size() - pass.covered, blob_.size() - next_);
    const Stretch equal = find_equal(here, there, std::min(most, kFollow));
    if (equal.begin == equal.end) return;
    const size_t end = equal.end + equal_ahead(here + equal.end, there + equal.end, most - equal.end);
    if (!take_match(pass, pass.covered + equal.begin, next_ + equal.begin, end - equal.begin)) return;
  }
}

/// The chunk at `at` may be the one at `from` in the blob.
void Matcher::take_candidate(Pass& pass, size_t at, uint64_t from) noexcept {
  if (from >= blob_.size()) return;
  const uint8_t* const here = pass.input.data() + at;
  const uint8_t* const there = blob_.data() + from;
  const size_t ahead = equal_ahead(here, there, std::min<size_t>(pass.input.size() - at, blob_.size() - from));
  const size_t room = std::min<size_t>({at, from, at - pass.covered + kBehind + kBehindOfAhead * ahead});
  const size_t behind = equal_behind(here, there, room);
  if (ahead + behind < kLeastMatch) return;
  if (take_match(pass, at - behind, from - behind, behind + ahead)) follow(pass);
}

/// Cuts some chunks, looks all of them up, and compares what was found.
void Matcher::look_up(Pass& pass) noexcept {
  std::array<uint64_t, kAhead + 1> starts;
  std::array<uint64_t, kAhead> keys;
  std::array<uint64_t, kAhead> places;
  starts[0] = std::max(pass.batch, pass.covered);
  const std::span<const uint8_t> input = pass.input;
  if (const size_t zeros = zeros_ahead(input.data() + starts[0], input.size() - starts[0]); zeros >= kSkipZeros) {
    pass.batch = starts[0] + zeros;
    return;
  }
  const size_t count = chunker_.cut(input, starts[0], input.size(), std::span(starts).subspan(1, pass.chunks));
  for (size_t i = 0; i < count; ++i) keys[i] = chunk_key(input.data() + starts[i], starts[i + 1] - starts[i]);
  index_.find({keys.data(), count}, places.data());
  for (size_t i = 0; i < count; ++i) {
    if (places[i] < blob_.size()) __builtin_prefetch(blob_.data() + places[i]);
  }
  pass.chunks = std::min(2 * pass.chunks, kAhead);
  pass.batch = starts[count];
  for (size_t i = 0; i < count && !pass.full; ++i) {
    if (starts[i] < pass.covered || places[i] == ChunkIndex::kNowhere) continue;
    take_candidate(pass, starts[i], places[i]);
    if (pass.covered > starts[i]) pass.chunks = Pass::kLeast;
  }
}

size_t Matcher::match(std::span<const uint8_t> input, PieceTable& out) noexcept {
  Pass pass{.input = input, .out = out, .first = out.count};
  follow(pass);
  while (std::max(pass.batch, pass.covered) < input.size() && !pass.full) look_up(pass);
  if (!pass.full) push_literal(pass, input.size());
  return pass.covered;
}

}  // namespace pfs::reduce
