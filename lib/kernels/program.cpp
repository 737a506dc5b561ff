#include "kernels/program.hpp"

#include <algorithm>
#include <array>
#include <new>

#include "base/endian.hpp"
#include "blob/ranges.hpp"
#include "kernels/tiles.hpp"

namespace pfs {
namespace {

constexpr std::align_val_t kLine{64};
constexpr size_t kScattered =
    16;  // ranges in a tile from which one copy costs less than a call for each range and operation

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

}  // namespace

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
  if (!definition_.in_place()) gathered_ = std::make_unique<uint8_t[]>(kTileBytes);
  uint32_t bytes = 0;
  for (const Operation& operation : definition_.operations) bytes += aligned(operation.kernel->state_bytes);
  states_.reset(static_cast<std::byte*>(::operator new[](bytes, kLine)));
  std::byte* state = states_.get();
  for (const Operation& operation : definition_.operations) {
    steps_.push_back({operation, state});
    state += aligned(operation.kernel->state_bytes);
  }
}

Programs::Programs(std::span<const ProgramDefinition> definitions) {
  for (const ProgramDefinition& definition : definitions) by_op_[definition.op] = std::make_unique<Program>(definition);
}

Status Program::run(const KernelInput& input, KernelOutput& output) noexcept {
  for (const Step& step : steps_) {
    const Status status = step.operation.kernel->check(input);
    if (status != Status::kDone) return status;
  }
  for (const Step& step : steps_) step.operation.kernel->start(step.state, step.operation.arg);
  if (definition_.in_place() && !surely_apart(input.table))
    one_by_one(input);
  else
    fused(input);
  finish(output);
  return Status::kDone;
}

void Program::fused(const KernelInput& input) noexcept {
  const auto parts = static_cast<uint32_t>(steps_.size());
  for_each_tile(input, [&](const Tile& tile, const Tile& next) noexcept {
    Tile::Range copy{gathered_.get(), 0};
    std::span<const Tile::Range> ranges = tile.ranges();
    if (gathered_ != nullptr && ranges.size() >= kScattered) {
      copy.bytes = gather(tile, copy.data);
      ranges = {&copy, 1};
    }
    for (uint32_t part = 0; part < parts; ++part) {
      const Step& step = steps_[part];
      prefetch_part(next, part, parts);
      for (const Tile::Range& range : ranges) step.operation.kernel->feed(step.state, range.data, range.bytes);
    }
  });
}

void Program::one_by_one(const KernelInput& input) noexcept {
  for (const Step& step : steps_) {
    for_each_range(input.table, input.blob.data, input.slab, [&](const uint8_t* data, uint64_t bytes) noexcept {
      step.operation.kernel->feed(step.state, const_cast<uint8_t*>(data), bytes);
    });
  }
}

void Program::finish(KernelOutput& output) noexcept {
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
