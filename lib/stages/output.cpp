#include "stages/output.hpp"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <algorithm>

#include "gram/gram.hpp"
#include "stages/booked.hpp"

namespace pfs {
namespace {

constexpr uint32_t kEdgeBurst = 64;  // items a ring gives at once; the consumer's batch

}  // namespace

Edge::~Edge() { rte_ring_free(ring_); }

Result<void> Edge::connect_by_ring(uint32_t slots, int socket, Relief& relief, size_t producer) {
  relief_ = &relief;
  producer_ = producer;
  static uint32_t serial = 0;  // start-up only; rings need names that are unique in the process
  ring_ = rte_ring_create(fmt::format("pfs_edge_{}", serial++).c_str(), slots, socket,
                          RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
  if (ring_ == nullptr)
    return fail(label_, fmt::format("a ring of {} slots cannot be made ({})", slots, rte_strerror(rte_errno)),
                "give it fewer slots or the process more memory", Exit::kFailed);
  return {};
}

uint64_t Edge::frames(void** items, uint32_t count) const noexcept {
  if (item_ == Item::kFrame) return count;
  uint64_t sum = 0;
  for (uint32_t i = 0; i < count; ++i) sum += static_cast<Gram*>(items[i])->frames;
  return sum;
}

uint32_t Edge::send(void** items, uint32_t count) noexcept {
  if (ring_ == nullptr) {
    uint64_t now = rte_rdtsc();
    booked(consumer_, *meter_, true, now, [&]() noexcept {
      consumer_.take(items, count);
      return count;
    });
    return count;
  }
  uint32_t sent = 0;
  while (true) {
    // Counted before the hand-over: afterwards the consumer may have released the gram.
    const uint32_t batch = std::min(count - sent, rte_ring_free_count(ring_));
    if (batch != 0) {
      frames_in_.add(frames(items + sent, batch));
      sent += rte_ring_sp_enqueue_burst(ring_, items + sent, batch, nullptr);
    }
    if (sent == count || full_ == EdgeConfig::Full::kDrop || !relief_->relieve(producer_)) return sent;
  }
}

uint32_t Edge::room() const noexcept {
  if (ring_ == nullptr) return consumer_.room();
  // A full ring that drops must be seen to be full; one that holds must not be overrun.
  return full_ == EdgeConfig::Full::kDrop ? UINT32_MAX : rte_ring_free_count(ring_);
}

uint32_t Edge::receive(CycleMeter& meter, uint64_t& now) noexcept {
  void* items[kEdgeBurst];
  const uint32_t room = std::min(kEdgeBurst, consumer_.room());
  if (room == 0) return 0;
  return booked(consumer_, meter, true, now, [&]() noexcept {
    const uint32_t count = rte_ring_sc_dequeue_burst(ring_, items, room, nullptr);
    if (count != 0) {
      frames_out_.add(frames(items, count));
      consumer_.take(items, count);
    }
    return count;
  });
}

bool Edge::empty() const noexcept { return ring_ == nullptr || rte_ring_empty(ring_) != 0; }

void Edge::abandon() noexcept {
  void* item = nullptr;
  while (ring_ != nullptr && rte_ring_sc_dequeue(ring_, &item) == 0) {
    const uint64_t lost = frames(&item, 1);
    frames_out_.add(lost);
    consumer_.stats.drop(Drop::kStopped, lost);
    if (item_ == Item::kFrame)
      rte_pktmbuf_free(static_cast<rte_mbuf*>(item));
    else
      static_cast<Gram*>(item)->release();
  }
}

void Output::add(Edge& edge) {
  edges_.push_back(&edge);
  if (!edge.port()) return;
  if (by_port_.size() <= *edge.port()) by_port_.resize(*edge.port() + size_t{1});
  by_port_[*edge.port()].push_back(&edge);
}

uint32_t Output::frame_budget() const noexcept {
  uint32_t budget = Stage::kAnyBudget;
  for (const Edge* edge : edges_) budget = std::min(budget, edge->frame_budget());
  return budget;
}

bool Output::delivers() const noexcept {
  return std::all_of(edges_.begin(), edges_.end(), [](const Edge* edge) { return edge->delivers(); });
}

uint32_t Output::epoch() const noexcept {
  uint32_t epoch = 0;
  for (const Edge* edge : edges_) epoch += edge->epoch();
  return epoch;
}

bool Output::settled() const noexcept {
  return std::all_of(edges_.begin(), edges_.end(), [](const Edge* edge) { return edge->settled(); });
}

uint32_t Output::open_room() const noexcept {
  uint32_t least = 0;
  for (const Edge* edge : edges_)
    if (const uint32_t room = edge->room(); room != 0) least = least == 0 ? room : std::min(least, room);
  return least;
}

uint32_t Output::room_by(uint16_t port) const noexcept {
  if (!leads_to(port)) return 0;
  uint32_t least = UINT32_MAX;
  for (const Edge* edge : by_port_[port]) least = std::min(least, edge->room());
  return least;
}

uint32_t Output::room() const noexcept {
  uint32_t least = UINT32_MAX;
  for (const Edge* edge : edges_) least = std::min(least, edge->room());
  return least;
}

uint32_t Stage::room() const noexcept {
  return std::min(frames_out != nullptr ? frames_out->room() : UINT32_MAX,
                  grams_out != nullptr ? grams_out->room() : UINT32_MAX);
}

}  // namespace pfs
