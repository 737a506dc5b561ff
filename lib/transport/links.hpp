#pragma once

#include <cstdint>

namespace pfs::transport {

constexpr uint32_t kNone = UINT32_MAX;  ///< no flight, no stream

/// A list that is threaded through the items of an array: each has `previous` and `next`, and is in one list at most.
struct List {
  uint32_t head = kNone;
  uint32_t tail = kNone;
  uint32_t count = 0;
};

template <class Items>
void append(Items& items, List& list, uint32_t index) noexcept {
  items[index].previous = list.tail;
  items[index].next = kNone;
  (list.tail == kNone ? list.head : items[list.tail].next) = index;
  list.tail = index;
  ++list.count;
}

template <class Items>
void prepend(Items& items, List& list, uint32_t index) noexcept {
  items[index].previous = kNone;
  items[index].next = list.head;
  (list.head == kNone ? list.tail : items[list.head].previous) = index;
  list.head = index;
  ++list.count;
}

template <class Items>
void remove(Items& items, List& list, uint32_t index) noexcept {
  const auto& item = items[index];
  (item.previous == kNone ? list.head : items[item.previous].next) = item.next;
  (item.next == kNone ? list.tail : items[item.next].previous) = item.previous;
  --list.count;
}

}  // namespace pfs::transport
