#include "gram/pool.hpp"

#include <cassert>

namespace pfs {
namespace {

constexpr size_t round_up(size_t bytes) noexcept { return (bytes + 63) & ~size_t{63}; }

size_t table_bytes(const GramPool::Config& config) noexcept {
  return round_up(size_t{config.descriptors} * sizeof(Descriptor));
}

/// Removes what the gram before left behind. Table, slab and name keep their bytes: nothing reads behind their counts.
void clear(Gram& gram) noexcept {
  gram.open = false;
  gram.bare = false;
  gram.has_file = false;
  gram.stream = 0;
  gram.peer = 0;
  gram.number = 0;
  gram.frames = 0;
  gram.slab_bytes = 0;
  gram.wire_bytes = 0;
  gram.bytes = 0;
  gram.table.count = 0;
  gram.head = {};
  gram.end = {};
  gram.reply.encapsulation.length = 0;
}

}  // namespace

size_t GramPool::memory_bytes(const Config& config) noexcept {
  return config.grams * (table_bytes(config) + round_up(config.slab_bytes));
}

GramPool::GramPool(const Config& config, std::span<uint8_t> memory)
    : grams_(std::make_unique<Gram[]>(config.grams)), count_(config.grams) {
  assert(memory.size() >= memory_bytes(config));
  assert(reinterpret_cast<uintptr_t>(memory.data()) % 64 == 0);
  uint8_t* at = memory.data();
  for (size_t i = 0; i < count_; ++i) {
    Gram& gram = grams_[i];
    gram.table = {.data = reinterpret_cast<Descriptor*>(at), .count = 0, .capacity = config.descriptors};
    at += table_bytes(config);
    gram.slab = at;
    gram.slab_capacity = config.slab_bytes;
    at += round_up(config.slab_bytes);
  }
}

Gram* GramPool::take() noexcept {
  for (size_t looked = 0; looked < count_; ++looked) {
    Gram& gram = grams_[next_];
    next_ = next_ + 1 == count_ ? 0 : next_ + 1;
    if (gram.busy.load(std::memory_order_acquire)) continue;
    gram.busy.store(true, std::memory_order_relaxed);
    clear(gram);
    return &gram;
  }
  return nullptr;
}

}  // namespace pfs
