#include "gram/building/builder.hpp"

#include <algorithm>
#include <array>

#include "blob/stretches.hpp"
#include "gram/building/cutter.hpp"
#include "gram/building/pieces.hpp"
#include "gram/digest.hpp"
#include "wire/sending/planner.hpp"
#include "wire/sending/writer.hpp"

namespace pfs {
namespace {

constexpr uint32_t kFrameMax = kFrameHeaderBytes + 65535;  // bytes; the header's length field has 16 bits
constexpr uint32_t kQueuePieces = 1024;                    // held at once on the data path; EXTENTS look 256 ahead
constexpr uint32_t kTailBytes = 1 + kGramEndBytes;

/// Pieces [first, first + count) cut into ranges of `slice` bytes, at most kExtentsMax of them.
std::span<const Descriptor> sliced(std::span<const Descriptor> pieces, uint32_t slice,
                                   std::array<Descriptor, kExtentsMax>& out) noexcept {
  size_t count = 0;
  for (const Descriptor& piece : pieces) {
    for (uint64_t done = 0; done < piece.length && count < out.size(); done += slice) {
      out[count++] = blob_range(piece.offset + done, slice);
    }
  }
  return {out.data(), count};
}

}  // namespace

uint32_t GramBuilder::least_payload(const BuilderConfig& config, const FileUnit* file) noexcept {
  uint32_t bytes = kFrameHeaderBytes + 1 + kGramBytes;
  if (config.session != 0) bytes += extension_bytes(kSessionFixedBytes);
  if (file != nullptr) bytes += extension_bytes(kFileFixedBytes + static_cast<uint32_t>(file->name.size()));
  return bytes;
}

GramBuilder::GramBuilder(const BuilderConfig& config, const BlobView& blob)
    : config_(config),
      blob_(blob),
      rules_{.payload_bytes = std::min(config.payload_bytes, kFrameMax),
             .window_references = 1u << std::min(config.window_pow2, 31u),
             .mark_bytes = sync_mark_bytes(config.crc)},
      queue_(std::make_unique<PieceQueue>(config.smallest ? SmallestPlanner::kPieces : kQueuePieces)),
      room_(std::make_unique<Room>()) {
  if (config.smallest) planner_ = std::make_unique<SmallestPlanner>(rules_, blob_.layout);
}

GramBuilder::~GramBuilder() = default;
GramBuilder::GramBuilder(GramBuilder&&) noexcept = default;
GramBuilder& GramBuilder::operator=(GramBuilder&&) noexcept = default;

uint64_t GramBuilder::digest_of(const GramPlan& plan) const noexcept {
  Digest digest(config_.digest);
  if (config_.digest == DigestKind::kNone) return digest.value();
  digest.update(plan.pieces, blob_.data, plan.slab, *room_);
  const Layout& layout = blob_.layout;
  std::array<Descriptor, kExtentsMax> some;
  for (size_t done = 0; done < plan.blocks.size();) {
    size_t count = 0;
    for (; count < some.size() && done < plan.blocks.size(); ++count, ++done)
      some[count] = blob_range(layout.l3 + uint64_t{plan.blocks[done]} * layout.block, layout.block);
    digest.update(std::span(some).first(count), blob_.data, plan.slab, *room_);
  }
  return digest.value();
}

bool GramBuilder::write_step(FrameCutter& cutter, const Step& step, std::span<const Descriptor> pieces,
                             const uint8_t* slab) const noexcept {
  switch (step.kind) {
    case Step::Kind::kRun:
      for (const Descriptor& piece : pieces) {
        const auto references = as_references(blob_.layout, piece, step.tier, kRunMax);
        if (!references || !cutter.run(step.tier, references->first, references->count)) return false;
      }
      return true;
    case Step::Kind::kExtents: {
      if (step.slice == 0) return cutter.extents(pieces);
      std::array<Descriptor, kExtentsMax> ranges;
      return cutter.extents(sliced(pieces, step.slice, ranges));
    }
    case Step::Kind::kLiteral:
      return cutter.literal({slab + pieces[0].offset, pieces[0].length});
    case Step::Kind::kFrame:
      return cutter.new_frame();
  }
  return false;
}

bool GramBuilder::write_pieces(FrameCutter& cutter, const GramPlan& plan) noexcept {
  queue_->start(plan.pieces);
  for (auto pieces = queue_->look(); !pieces.empty(); pieces = queue_->look()) {
    const bool last = queue_->all_seen();
    uint32_t done = 0;
    if (planner_ != nullptr) {
      const auto steps = planner_->plan(pieces, cutter.fill(), last, plan.blocks.empty() ? kTailBytes : 0);
      if (steps.empty()) return false;
      for (const Step& step : steps) {
        if (!write_step(cutter, step, pieces.subspan(step.first, step.count), plan.slab)) return false;
        if (step.kind != Step::Kind::kFrame) done = step.first + step.count;
      }
    } else {
      // The next stretch is fetched while a whole EXTENTS still has something to look at.
      while (done < pieces.size() && (last || pieces.size() - done >= kExtentsMax)) {
        const Step step = next_step(rules_, blob_.layout, cutter.fill(), pieces.subspan(done));
        if (!write_step(cutter, step, pieces.subspan(done, step.count), plan.slab)) return false;
        done += step.count;
      }
    }
    queue_->drop(done);
  }
  return true;
}

bool GramBuilder::build(const GramPlan& plan, FrameSink& sink) noexcept {
  uint64_t total = plan.blocks.size() * blob_.layout.block;
  for (const Descriptor& piece : plan.pieces) total += piece.length;
  FrameCutter cutter(config_, rules_, blob_.layout, state_, sink);
  const bool built = rules_.payload_bytes >= least_payload(config_, plan.file) &&
                     cutter.begin({.op = plan.op, .blob = blob_.id, .arg = plan.arg, .total = total}, plan.file) &&
                     write_pieces(cutter, plan) && cutter.run(plan.blocks) && cutter.end(digest_of(plan));
  if (!built) cutter.abandon();
  ++state_.gram;
  return built;
}

}  // namespace pfs
