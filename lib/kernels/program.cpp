#include "kernels/program.hpp"

#include <algorithm>
#include <array>
#include <new>

#include "base/endian.hpp"
#include "kernels/tiles.hpp"

namespace pfs {
namespace {

constexpr std::align_val_t kLine{64};
// Ranges in a tile from which one copy costs less than a call for each range and operation.
constexpr size_t kScattered = 16;

uint32_t aligned(uint32_t bytes) noexcept { return (bytes + 63) & ~63U; }

/// Ranges of the blob in rising order that share no byte. The slab is never written, so its ranges do not matter.
bool surely_apart(std::span<const Descriptor> table) noexcept {
  uint64_t end = 0;
  for (const Descriptor& descriptor : table) {
    if (!descriptor.in_blob()) continue;
    if (descriptor.offset < end) return false;
    end = descriptor.offset + descriptor.length;
  }
  return true;
}

/// The longest rows of lanewise operations. One alone gains nothing: its kernel is such a loop already.
std::vector<LaneGroup> lane_groups(std::span<const Operation> operations) {
  std::vector<LaneGroup> groups;
  for (uint32_t first = 0; first < operations.size();) {
    uint32_t end = first;
    while (end < operations.size() && operations[end].kernel->lanewise != Lanewise::kNone) ++end;
    if (end - first >= 2) groups.push_back({first, end - first, std::make_shared<FusedLoopSlot>(nullptr)});
    first = std::max(end, first + 1);
  }
  return groups;
}

}  // namespace

ProgramDefinition::ProgramDefinition(uint8_t op, std::vector<Operation> operations)
    : op(op), operations(std::move(operations)), groups(lane_groups(this->operations)) {}

uint32_t ProgramDefinition::output_bytes() const noexcept {
  uint32_t bytes = 0;
  for (const Operation& operation : operations) bytes += kOperationHeadBytes + operation.kernel->output_bytes;
  return bytes;
}

bool ProgramDefinition::in_place() const noexcept {
  return std::any_of(operations.begin(), operations.end(), [](const Operation& o) { return o.kernel->in_place; });
}

void Program::FreeStates::operator()(std::byte* states) const noexcept { ::operator delete[](states, kLine); }

Program::Program(const ProgramDefinition& definition) : definition_(definition) {
  uint32_t bytes = 0;
  for (const Operation& operation : definition_.operations) bytes += aligned(operation.kernel->state_bytes);
  states_.reset(static_cast<std::byte*>(::operator new[](bytes, kLine)));
  std::byte* state = states_.get();
  for (const Operation& operation : definition_.operations) {
    steps_.push_back({operation, state});
    if (operation.kernel->in_place) reads_from_ = static_cast<uint32_t>(steps_.size());
    state += aligned(operation.kernel->state_bytes);
  }
  passes_.reserve(steps_.size());
  for (const LaneGroup& of : definition_.groups) {
    Group& group = groups_.emplace_back(Group{.of = of});
    for (uint32_t i = 0; i < of.count; ++i)
      group.lanes.emplace_back(definition_.operations[of.first + i].kernel->lanewise);
  }
}

Programs::Programs(std::span<const ProgramDefinition> definitions) {
  for (const ProgramDefinition& definition : definitions) by_op_[definition.op] = std::make_unique<Program>(definition);
}

uint64_t Programs::runs_compiled() const noexcept {
  uint64_t runs = 0;
  for (const auto& program : by_op_)
    if (program != nullptr) runs += program->runs_compiled();
  return runs;
}

Status Program::run(const KernelInput& input, KernelOutput& output) noexcept {
  const Status status = begin(input);
  if (status != Status::kDone) return status;
  while (!advance(UINT64_MAX)) {
  }
  finish(output);
  return Status::kDone;
}

Status Program::begin(const KernelInput& input) noexcept {
  for (const Step& step : steps_) {
    const Status status = step.operation.kernel->check(input);
    if (status != Status::kDone) return status;
  }
  start();
  input_ = input;
  in_turn_ = definition_.in_place() && !surely_apart(input.table);
  step_ = 0;
  left_ = TableCursor(input.table);
  const bool one_tile = input.bytes <= kTileBytes;  // most grams of small frames
  tiles_ = one_tile ? Tiles() : Tiles(input.table);
  tile_ = one_tile ? input.table : tiles_.next();
  return Status::kDone;
}

bool Program::advance(uint64_t bytes) noexcept { return in_turn_ ? advance_in_turn(bytes) : advance_tiles(bytes); }

bool Program::advance_tiles(uint64_t bytes) noexcept {
  for (uint64_t spent = 0; !tile_.empty() && spent < bytes; spent += uint64_t{kTileBytes} * passes_.size()) {
    const Tile next = tiles_.next();
    visit(tile_, next);
    tile_ = next;
  }
  return tile_.empty();
}

/// One operation's slice.
bool Program::advance_in_turn(uint64_t bytes) noexcept {
  feed_slice(*steps_[step_].operation.kernel, steps_[step_].state, input_, left_, bytes);
  if (!left_.done()) return false;
  left_ = TableCursor(input_.table);
  return ++step_ == steps_.size();
}

/// States as before the first byte, and the passes that this run makes of the steps.
void Program::start() noexcept {
  for (const Step& step : steps_) step.operation.kernel->start(step.state, step.operation.arg);
  passes_.clear();
  auto group = groups_.begin();
  for (uint32_t first = 0; first < steps_.size();) {
    Pass& pass = passes_.emplace_back(Pass{.first = first});
    if (group != groups_.end() && group->of.first == first) {
      group->loop = group->of.loop->load(std::memory_order_acquire);
      group->bytes = 0;
      for (uint32_t i = 0; i < group->of.count; ++i)
        group->lanes[i] = Lanes(steps_[first + i].operation.kernel->lanewise);
      if (group->loop != nullptr) pass = {.first = first, .count = group->of.count, .group = &*group};
      ++group;
    }
    first += pass.count;
  }
}

/// Scattered ranges are laid side by side for the passes that only read: behind the last one that writes, where the
/// bytes are final.
void Program::visit(Tile tile, Tile next) noexcept {
  const bool scattered = tile.size() >= kScattered && input_.room != nullptr;
  uint64_t gathered = 0;  // bytes
  for (const Pass& pass : passes_) {
    const Ahead ahead = look_ahead(pass, tile, next);
    if (scattered && pass.first >= reads_from_) {
      uint8_t* const room = input_.room->bytes.data();
      if (gathered == 0) gathered = gather_ranges(tile, input_.blob.data, input_.slab, room);
      feed(pass, room, gathered, ahead);
      continue;
    }
    // What is written lies in the blob, whose view is writable; the slab is only read.
    for (const Descriptor& range : tile) feed(pass, const_cast<uint8_t*>(input_.at(range)), range.length, ahead);
  }
}

/// The next tile's beginnings are asked for before this one's first pass, unless that tile is about to be gathered,
/// which looks ahead itself. Where both are one range, a loop asks line by line: for as much of it as it has of the
/// steps.
Program::Ahead Program::look_ahead(const Pass& pass, Tile tile, Tile next) const noexcept {
  const auto parts = static_cast<uint32_t>(steps_.size());
  if (pass.group != nullptr && tile.size() == 1 && next.size() == 1)
    return {input_.at(next[0]) + uint64_t{kTileBytes} * pass.first / parts, kLineBytes * pass.count / parts};
  const bool gathers = next.size() >= kScattered && input_.room != nullptr && reads_from_ == 0;
  if (pass.first == 0 && !gathers) prefetch_beginnings(input_, next);
  return {};
}

/// One range, to every step of the pass. What is behind the last whole line goes to each step on its own.
void Program::feed(const Pass& pass, uint8_t* data, uint64_t bytes, Ahead ahead) noexcept {
  if (const uint64_t lines = bytes / kLineBytes; pass.group != nullptr && lines > 0) {
    pass.group->loop(data, lines, pass.group->lanes.data(), ahead.at == nullptr ? data : ahead.at, ahead.step);
    pass.group->bytes += lines * kLineBytes;
    data += lines * kLineBytes;
    bytes %= kLineBytes;
    if (bytes == 0) return;
  }
  for (const Step& step : std::span(steps_).subspan(pass.first, pass.count))
    step.operation.kernel->feed(step.state, data, bytes);
}

void Program::finish(KernelOutput& output) noexcept {
  bool compiled = false;
  for (const Group& group : groups_) {
    if (group.bytes == 0) continue;
    compiled = true;
    for (uint32_t i = 0; i < group.of.count; ++i) {
      const Step& step = steps_[group.of.first + i];
      step.operation.kernel->absorb(step.state, group.lanes[i], group.bytes);
    }
  }
  runs_compiled_.add(compiled ? 1 : 0);
  uint8_t* at = output.bytes;
  for (const Step& step : steps_) {
    KernelOutput own{.bytes = at + kOperationHeadBytes};
    step.operation.kernel->finish(step.state, own);
    at[0] = step.operation.kernel->op;
    store_be<uint64_t>(at + 1, own.value);
    store_be<uint16_t>(at + 9, own.length);
    at += kOperationHeadBytes + own.length;
    output.value = own.value;
  }
  output.length = static_cast<uint16_t>(at - output.bytes);
}

}  // namespace pfs
