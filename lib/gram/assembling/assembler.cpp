#include "gram/assembling/assembler.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "gram/assembling/assembler_impl.hpp"
#include "wire/receiving/denote.hpp"
#include "wire/receiving/walk.hpp"

namespace pfs {
namespace {

/// Units by which a frame that answers begins. Such frames are numbered by the peer that answers, not in the sequence
/// of the stream that they speak of.
bool begins_with_control(const Frame& frame) noexcept {
  if (frame.units == frame.end) return false;
  const uint8_t tag = *frame.units;
  return tag == static_cast<uint8_t>(Tag::kResult) || tag == static_cast<uint8_t>(Tag::kSyncAck) ||
         tag == static_cast<uint8_t>(Tag::kNack) || tag == static_cast<uint8_t>(Tag::kAck) || tag == kReceiptTag;
}

uint32_t streams_of_peer(const AssemblerConfig& config) noexcept {
  return config.streams.empty() ? config.max_streams : static_cast<uint32_t>(config.streams.size());
}

}  // namespace

Assembler::Impl::Impl(const AssemblerConfig& config, const BlobView& blob, GramPool& pool, AssemblerSink& sink)
    : config(config),
      blob(blob),
      pool(pool),
      sink(sink),
      peers(config.max_peers, streams_of_peer(config), config.open_grams),
      held(config.max_held) {
  for (const Tier tier : {Tier::kL1, Tier::kL2, Tier::kL3})
    geometries[static_cast<size_t>(tier)] = tier_geometry(tier, blob.layout, false, 0);
  assert(config.hold_frames > 0 && config.open_grams > 0 && pool.size() > 0 && config.max_held > 0);
  std::sort(this->config.streams.begin(), this->config.streams.end(),
            [](const StreamConfig& a, const StreamConfig& b) { return a.id < b.id; });
  waiting.reserve(config.max_held);
  scratch_entries = std::make_unique_for_overwrite<Descriptor[]>(kRunMax);  // what the largest unit denotes
  scratch = {.data = scratch_entries.get(), .count = 0, .capacity = kRunMax};
}

Assembler::Impl::~Impl() {
  for (Gram& gram : pool.grams()) {
    if (gram.open) gram.release();
  }
  if (spare_gram != nullptr) spare_gram->release();
}

bool Assembler::Impl::take(const ReceivedFrame& received) noexcept {
  counters.frames_in.add(1);
  Frame frame;
  const Drop fault = read_frame(received.payload, received.bytes, frame);
  if (fault != Drop::kNone) [[unlikely]] {
    named = nullptr;
    return drop(fault);
  }
  if (!frame.bare && take_plain(received, frame)) [[likely]]
    return true;
  named = nullptr;
  if (frame.bare) return take_bare(received, frame);
  if (begins_with_control(frame) && take_control(frame)) return true;
  Peer* peer = peers.find(received);
  StreamState* stream = peer == nullptr ? nullptr : Peers::find(*peer, frame.header.stream);
  if (stream == nullptr || !stream->started || frame.header.seq != stream->next) [[unlikely]]
    return take_out_of_turn(received, frame, peer, stream);
  named = stream;
  return take_in_turn(*stream, received, frame);
}

/// Takes a frame that is one run for a gram that is open, and next in its stream: all but a gram's first and last
/// frames and those with a mark. Without the visitor and in one function: 35 cycles of 70 at 64-byte frames. False: it
/// is another frame, or something is wrong; nothing has changed, and the steps for any frame find out what.
[[gnu::always_inline]] inline bool Assembler::Impl::take_plain(const ReceivedFrame& received,
                                                               const Frame& frame) noexcept {
  const FrameHeader& header = frame.header;
  Peer* peer = peers.find(received);
  if (peer == nullptr) return false;
  StreamState* stream = Peers::find(*peer, header.stream);
  if (stream == nullptr || header.seq != stream->next || !stream->started || stream->held > 0) return false;
  RunUnit run;
  if (!read_lone_run(frame.units, frame.end, run)) return false;
  Gram* open = stream->grams.find(header.gram);
  if (open == nullptr || header.frag != open->frames) return false;
  Gram& gram = *open;
  const uint64_t bytes = uint64_t{run.count} * item_bytes(run.tier, blob.layout);
  if (gram.bytes + bytes > config.max_gram_bytes) return false;
  const auto tier = static_cast<uint32_t>(run.tier);
  RunGeometry geometry = geometries[tier];
  geometry.permuted = run.tier == Tier::kL3 && (header.flags & kFlagPrp) != 0;
  geometry.key = stream->key;
  const uint32_t first = gram.table.count;
  if (decode_run(tier, run.references, run.count, geometry, gram.table, first) != RunFault::kNone) {
    gram.table.count = first;
    return false;
  }
  if ((header.flags & kFlagCrc) != 0)
    stream->window.references(run.references, size_t{run.count} * reference_bytes(run.tier));
  else
    stream->window.lose();
  ++stream->next;
  stream->far_count = 0;
  ++gram.frames;
  ++open_frames;
  gram.bytes += bytes;
  gram.wire_bytes += static_cast<uint32_t>(received.headers.size() + received.bytes);
  gram.touched = now;
  peer->heard = now;
  named = stream;
  counters.references.add(run.count);
  return true;
}

/// False: the frame denotes bytes too, so it belongs to the stream's sequence.
bool Assembler::Impl::take_control(const Frame& frame) noexcept {
  const StreamConfig* stream = listed(frame.header.stream);
  if (stream == nullptr && !config.streams.empty()) return drop(Drop::kUnknownStream);
  Drop fault;
  const FrameVisitor judged =
      judge(stream == nullptr ? 0 : stream->key, frame, (frame.header.flags & kFlagCrc) != 0, fault);
  if (fault != Drop::kNone) return drop(fault);
  if (judged.denotes) return false;
  counters.control_frames.add(1);
  deliver_control(frame);
  return true;
}

/// A bare frame is a gram of its own.
bool Assembler::Impl::take_bare(const ReceivedFrame& received, const Frame& frame) noexcept {
  const auto rule = std::find_if(config.bare.begin(), config.bare.end(),
                                 [&](const BareRule& of) { return of.port == received.port; });
  if (rule == config.bare.end()) return drop(Drop::kBareUnconfigured);
  Peer* peer = peers.find(received);
  if (peer == nullptr || spare() == nullptr) {
    Drop fault = Drop::kNone;
    judge(0, frame, rule->crc, fault);
    if (fault != Drop::kNone) return drop(fault);
    if (peer == nullptr && peers.full() && idle_peer() == nullptr) return drop(Drop::kUnknownPeer);
    if (peer == nullptr) peer = &admit(received);
    if (spare() == nullptr && !wait_for_gram(*peer)) return drop(Drop::kStopped);
  }
  peer->heard = now;
  apply_bare(*peer, *rule, frame);
  return true;
}

/// A frame that is not its stream's next one is judged before it may move anything: a broken one neither takes a place
/// among the held, nor makes a peer or a stream, nor starts a stream anew.
bool Assembler::Impl::take_out_of_turn(const ReceivedFrame& received, const Frame& frame, Peer* peer,
                                       StreamState* stream) noexcept {
  const uint16_t id = frame.header.stream;
  if (stream == nullptr) {
    if (const Drop why = refusal(peer, id); why != Drop::kNone) return drop(why);
  }
  const StreamConfig* config_of = listed(id);
  const uint32_t key = config_of == nullptr ? 0 : config_of->key;
  Drop fault;
  const FrameVisitor judged = judge(key, frame, (frame.header.flags & kFlagCrc) != 0, fault);
  if (fault != Drop::kNone) return drop(fault);
  if (peer == nullptr) peer = &admit(received);
  if (stream == nullptr) stream = &Peers::admit(*peer, id, key);
  named = stream;
  peer->heard = now;
  if (judged.session > stream->session) {
    begin_session(*stream, frame.header.seq, judged.session);
  } else if (!stream->started) {
    begin(*stream, frame.header);
  }
  return frame.header.seq == stream->next ? take_in_turn(*stream, received, frame)
                                          : take_early(*stream, received, frame);
}

/// The configuration of a stream that has one; null for others.
const StreamConfig* Assembler::Impl::listed(uint16_t id) const noexcept {
  const auto found = std::lower_bound(config.streams.begin(), config.streams.end(), id,
                                      [](const StreamConfig& stream, uint16_t of) { return stream.id < of; });
  return found != config.streams.end() && found->id == id ? &*found : nullptr;
}

/// Why a stream that is not known cannot become known; kNone if it can. `peer`: null if it is not known either.
Drop Assembler::Impl::refusal(const Peer* peer, uint16_t id) noexcept {
  if (!config.streams.empty() && listed(id) == nullptr) return Drop::kUnknownStream;
  if (peer == nullptr) return peers.full() && idle_peer() == nullptr ? Drop::kUnknownPeer : Drop::kNone;
  return peer->stream_count < peer->streams.size() ? Drop::kNone : Drop::kUnknownStream;
}

/// A peer that was not known. Only if the table is not full, or there is an idle peer.
Peer& Assembler::Impl::admit(const ReceivedFrame& received) noexcept {
  if (peers.full()) peers.forget(*idle_peer());
  Peer& peer = peers.admit(received);
  counters.peers.set(peers.count());
  return peer;
}

Assembler::Assembler(const AssemblerConfig& config, const BlobView& blob, GramPool& pool, AssemblerSink& sink)
    : impl_(std::make_unique<Impl>(config, blob, pool, sink)) {}

Assembler::~Assembler() = default;

bool Assembler::take(const ReceivedFrame& frame, uint64_t now) noexcept {
  impl_->now = now;
  return impl_->take(frame);
}

void Assembler::age(uint64_t now) noexcept {
  impl_->now = now;
  impl_->age();
}

void Assembler::flush() noexcept { impl_->flush(); }

uint64_t Assembler::frames_in_flight() const noexcept { return impl_->held.count() + impl_->open_frames; }

uint32_t Assembler::place() const noexcept { return impl_->named == nullptr ? kNoPlace : impl_->named->place; }

uint32_t Assembler::places() const noexcept { return static_cast<uint32_t>(impl_->peers.streams().size()); }

StreamProgress Assembler::progress(uint32_t place) const noexcept {
  const StreamState& stream = impl_->peers.streams()[place];
  return {.stream = stream.id, .next = stream.next, .admission = stream.admission};
}

const AssemblerCounters& Assembler::counters() const noexcept { return impl_->counters; }

}  // namespace pfs
