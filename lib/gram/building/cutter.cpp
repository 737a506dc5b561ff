#include "gram/building/cutter.hpp"

#include <algorithm>
#include <cstring>

#include "simd/crc16/crc16.hpp"
#include "wire/codec/encode/encode.hpp"
#include "wire/codec/prp32/prp32.hpp"
#include "wire/sending/extents_shape.hpp"
#include "wire/sending/writer.hpp"

namespace pfs {
namespace {

constexpr uint32_t kFramesMax = 65535;  // GRAM_END counts them in 16 bits

}  // namespace

bool FrameCutter::open_frame() noexcept {
  if (frames_ == kFramesMax) return false;
  frame_ = sink_.open();
  if (frame_.size() < rules_.payload_bytes) return false;
  at_frame_ = state_;
  bytes_before_ = bytes_;
  fill_.new_frame();
  run_ = nullptr;
  frame_denotes_ = false;
  return true;
}

void FrameCutter::close_frame(uint8_t flags) noexcept {
  close_run();
  if (frames_ == 0) flags |= kFlagFirst;
  if (config_.crc) flags |= kFlagCrc;
  if (config_.prp) flags |= kFlagPrp;
  write_frame(frame_.data(), {.flags = flags,
                              .stream = config_.stream,
                              .seq = state_.seq++,
                              .gram = gram_,
                              .frag = static_cast<uint16_t>(frames_),
                              .length = static_cast<uint16_t>(fill_.used - kFrameHeaderBytes)});
  state_.begun = true;
  ++frames_;
  frame_ = {};
  sink_.close(fill_.used, bytes_ - bytes_before_);
}

bool FrameCutter::new_frame() noexcept {
  if (fill_.fresh()) return false;  // a unit that does not fit behind a header alone never will
  close_frame(0);
  return open_frame();
}

void FrameCutter::abandon() noexcept {
  if (frame_.empty()) return;
  state_ = at_frame_;
  frame_ = {};
  sink_.close(0, 0);
}

bool FrameCutter::begin(const GramUnit& gram, const FileUnit* file) noexcept {
  gram_ = state_.gram;
  fill_.window = state_.window_count;
  if (!open_frame()) return false;
  UnitWriter out(room());
  if (!out.gram(gram)) return false;
  if (config_.session != 0 && !state_.begun && !out.session({.id = config_.session})) return false;
  if (file != nullptr && !out.file(*file)) return false;
  fill_.used += out.used();
  return true;
}

void FrameCutter::denote(Space space, uint64_t offset, uint64_t length) noexcept {
  bytes_ += length;
  const bool merges = frame_denotes_ && last_space_ == space && (space == Space::kSlab || last_end_ == offset);
  if (!merges) ++descriptors_;
  frame_denotes_ = true;
  last_space_ = space;
  last_end_ = offset + length;
}

/// The same for blocks in a row, counted in registers: a frame of 1,500 bytes has 367.
void FrameCutter::denote_blocks(std::span<const uint32_t> blocks) noexcept {
  const uint64_t block_bytes = layout_.block;
  const uint64_t base = layout_.l3;
  uint64_t end = frame_denotes_ && last_space_ == Space::kBlob ? last_end_ : UINT64_MAX;
  uint32_t fresh = 0;
  for (const uint32_t block : blocks) {
    const uint64_t offset = base + block * block_bytes;
    fresh += offset != end;
    end = offset + block_bytes;
  }
  if (blocks.empty()) return;
  bytes_ += blocks.size() * block_bytes;
  descriptors_ += fresh;
  frame_denotes_ = true;
  last_space_ = Space::kBlob;
  last_end_ = end;
}

void FrameCutter::mark_if_due() noexcept {
  if (fill_.window != 0 || state_.window_count != rules_.window_references) return;
  // The fill counts the mark already, since it kept room for the mark.
  UnitWriter out({here() - rules_.mark_bytes, rules_.mark_bytes});
  out.sync_mark(state_.window++, config_.crc, state_.window_crc);
  state_.window_count = 0;
  state_.window_crc = kCrc16Start;
}

/// Where `count` more references of `tier` go. The head of a run is written when its length is known; until then the
/// references stand behind one byte, or behind three where they are many enough for a long run at once.
uint8_t* FrameCutter::run_room(Tier tier, uint32_t count) noexcept {
  if (run_ == nullptr) {
    run_ = here();
    run_tier_ = tier;
    run_count_ = 0;
    run_lead_ = count > 2 * kShortRunMax ? 3 : 1;
  }
  return run_ + run_lead_ + run_count_ * size_t{reference_bytes(tier)};
}

/// Writes the open run's head in the smallest form (smallest_run_head_bytes), and takes its references into the CRC.
void FrameCutter::close_run() noexcept {
  fill_.run = 0;
  if (run_ == nullptr) return;
  const uint32_t count = run_count_;
  const uint32_t width = reference_bytes(run_tier_);
  uint8_t* const references = run_ + run_lead_;
  if (config_.crc) state_.window_crc = crc16_ccitt(state_.window_crc, references, count * size_t{width});
  if (count > kShortRunMax && count <= 2 * kShortRunMax) {
    // Starts behind one byte (a lead of three means more than 126), so the second run moves up by its head.
    uint8_t* const second = references + kShortRunMax * size_t{width};
    std::memmove(second + 1, second, (count - kShortRunMax) * size_t{width});
    store_run_head(run_, run_tier_, kShortRunMax);
    store_run_head(second, run_tier_, count - kShortRunMax);
  } else {
    const uint32_t head = run_head_bytes(count);
    if (head != run_lead_) std::memmove(run_ + head, references, count * size_t{width});
    store_run_head(run_, run_tier_, count);
  }
  run_ = nullptr;
}

template <class Store, class Note>
bool FrameCutter::write_run(Tier tier, uint32_t count, Store store, Note note) noexcept {
  if (run_tier_ != tier) close_run();
  for (uint32_t done = 0; done < count;) {
    const uint32_t fitting = fill_.fitting(rules_, tier, count - done);
    if (fitting == 0) {
      if (!new_frame()) return false;
      continue;
    }
    store(run_room(tier, fitting), done, fitting);
    note(done, fitting);
    run_count_ += fitting;
    state_.window_count += fitting;
    fill_.add_references(rules_, tier, fitting);
    if (state_.window_count == rules_.window_references) close_run();
    mark_if_due();
    done += fitting;
  }
  return true;
}

bool FrameCutter::run(Tier tier, uint32_t first, uint32_t count) noexcept {
  const uint64_t base = tier_base(tier, layout_);
  const uint64_t item = item_bytes(tier, layout_);
  return write_run(
      tier, count,
      [&](uint8_t* at, uint32_t done, uint32_t fitting) {
        encode_run(static_cast<uint32_t>(tier), at,
                   {.first = first + done,
                    .count = fitting,
                    .key = config_.key,
                    .permuted = tier == Tier::kL3 && config_.prp});
      },
      [&](uint32_t done, uint32_t written) {
        denote(Space::kBlob, base + (uint64_t{first} + done) * item, written * item);
      });
}

bool FrameCutter::run(std::span<const uint32_t> blocks) noexcept {
  const auto count = static_cast<uint32_t>(blocks.size());
  return write_run(
      Tier::kL3, count,
      [&](uint8_t* at, uint32_t done, uint32_t fitting) {
        const std::span<const uint32_t> part = blocks.subspan(done, fitting);
        if (config_.prp) {
          store_references(at, Tier::kL3, fitting, [&](uint32_t i) { return prp32_inverse(part[i], config_.key); });
        } else {
          store_references(at, Tier::kL3, fitting, [&](uint32_t i) { return part[i]; });
        }
      },
      [&](uint32_t done, uint32_t written) { denote_blocks(blocks.subspan(done, written)); });
}

bool FrameCutter::extents(std::span<const Descriptor> ranges) noexcept {
  close_run();
  while (!ranges.empty()) {
    ExtentsShape shape;
    const size_t most = std::min<size_t>(ranges.size(), kExtentsMax);
    size_t count = 0;
    ExtentsShape grown;
    for (size_t i = 0; i < most; ++i) {
      grown.add(ranges[i].offset, ranges[i].length);
      if (grown.count() > fill_.window_left(rules_) || grown.bytes() > rules_.payload_bytes - fill_.used) break;
      if (!fill_.extents_fit(rules_, grown.count(), grown.bytes())) break;
      shape = grown;
      count = i + 1;
    }
    if (count == 0) {
      if (!new_frame()) return false;
      continue;
    }
    UnitWriter out(room());
    out.extents(shape, ranges.first(count));
    if (config_.crc) state_.window_crc = crc16_ccitt(state_.window_crc, here() + 1, out.used() - 1);
    for (const Descriptor& range : ranges.first(count)) denote(Space::kBlob, range.offset, range.length);
    state_.window_count += static_cast<uint32_t>(count);
    fill_.add_extents(rules_, static_cast<uint32_t>(count), out.used());
    mark_if_due();
    ranges = ranges.subspan(count);
  }
  return true;
}

bool FrameCutter::literal(std::span<const uint8_t> bytes) noexcept {
  close_run();
  while (!bytes.empty()) {
    const uint32_t share = literal_share(rules_, fill_, bytes.size());
    if (share == 0) {
      if (!new_frame()) return false;
      continue;
    }
    UnitWriter out(room());
    out.literal(bytes.first(share));
    fill_.used += out.used();
    denote(Space::kSlab, 0, share);
    bytes = bytes.subspan(share);
  }
  return true;
}

bool FrameCutter::end(uint64_t digest) noexcept {
  close_run();
  if (rules_.payload_bytes - fill_.used < 1 + kGramEndBytes && !new_frame()) return false;
  UnitWriter out(room());
  const bool fits = out.gram_end({.digest_kind = static_cast<uint8_t>(config_.digest),
                                  .frames = static_cast<uint16_t>(frames_ + 1),
                                  .descriptors = descriptors_,
                                  .bytes = bytes_,
                                  .digest = digest});
  if (!fits) return false;
  fill_.used += out.used();
  close_frame(kFlagLast);
  return true;
}

}  // namespace pfs
