#include <thread>

#include "gram/assembling/assembler_impl.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pfs {
namespace {

constexpr uint32_t kTurnsPerYield = 64;  // the consumer may need this very CPU

void relax() noexcept {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

/// All the frames that the gram took are dropped with it.
void Assembler::Impl::give_up(StreamState& stream, OpenGram* open) noexcept {
  counters.dropped[static_cast<size_t>(Drop::kIncompleteGram)].add(open->gram->frames);
  counters.grams_incomplete.add(1);
  stream.numbers.lost(open->number);
  open->gram->release();
  stream.grams.remove(open);
}

/// Goes on at the next held frame, without those before it. Only if a frame is held.
void Assembler::Impl::give_up_gap(StreamState& stream) noexcept {
  const uint32_t seq = stream.hold.nearest(stream.next).seq;
  counters.frames_missing.add(seq - stream.next);
  stream.window.lose();
  stream.next = seq;
  drain(stream);
}

/// The sender began anew with the frame `seq`: nothing from before can be completed, and its numbers count afresh.
void Assembler::Impl::restart(StreamState& stream, uint32_t seq, uint64_t session) noexcept {
  while (!stream.grams.all().empty()) give_up(stream, stream.grams.all().data());
  while (stream.hold.count() > 0) {
    ReceivedFrame held;
    stream.hold.take(stream.hold.nearest(stream.next).seq, held);
    drop(Drop::kOutOfWindow);
    sink.on_released(held.owner);
  }
  stream.numbers = {};
  stream.window = {};
  stream.next = seq;
  stream.session = session;
  stream.started = true;
  stream.far_count = 0;
}

/// Waits for a gram. If all of them are our own open ones nobody can bring one back: the oldest goes.
void Assembler::Impl::make_room() noexcept {
  sink.on_dry_pool();
  if (open_grams() == pool.size()) {
    StreamState& stream = *stream_of_oldest();
    give_up(stream, stream.grams.all().data());
  }
  for (uint32_t turn = 1; spare() == nullptr; ++turn) {
    relax();
    if (turn % kTurnsPerYield == 0) std::this_thread::yield();
  }
}

StreamState* Assembler::Impl::stream_of_oldest() noexcept {
  StreamState* oldest = nullptr;
  for (StreamState& stream : streams) {
    if (stream.grams.all().empty()) continue;
    if (oldest == nullptr || stream.grams.all().front().order < oldest->grams.all().front().order) oldest = &stream;
  }
  return oldest;
}

uint32_t Assembler::Impl::open_grams() const noexcept {
  size_t count = 0;
  for (const StreamState& stream : streams) count += stream.grams.all().size();
  return static_cast<uint32_t>(count);
}

void Assembler::Impl::age() noexcept {
  for (uint32_t i = 0; i < stream_count; ++i) {
    StreamState& stream = streams[i];
    while (config.hold_ticks > 0 && stream.hold.count() > 0 &&
           now - stream.hold.nearest(stream.next).arrived > config.hold_ticks) {
      give_up_gap(stream);
    }
    if (config.gram_ticks == 0) continue;
    for (size_t at = 0; at < stream.grams.all().size();) {
      OpenGram& open = stream.grams.all()[at];
      if (now - open.touched > config.gram_ticks) {
        give_up(stream, &open);
      } else {
        ++at;
      }
    }
  }
}

void Assembler::Impl::flush() noexcept {
  for (StreamState& stream : streams) {
    while (stream.hold.count() > 0) give_up_gap(stream);
  }
  while (StreamState* stream = stream_of_oldest()) give_up(*stream, stream->grams.all().data());
  if (spare_gram != nullptr) spare_gram->release();
  spare_gram = nullptr;
}

}  // namespace pfs
