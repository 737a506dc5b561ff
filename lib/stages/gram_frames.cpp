#include "stages/gram_frames.hpp"

#include <fmt/format.h>
#include <rte_mbuf.h>

#include <cassert>
#include <cstring>

#include "dpdk/frame_note.hpp"

namespace pfs {
namespace {

constexpr uint64_t kPatienceSeconds = 10;  // longer than any mbuf that moves is under way

}  // namespace

GramFrames::GramFrames(const StageEnv& env, uint32_t frames_max)
    : port_(*env.port),
      control_(*env.control),
      patience_(env.ticks_per_second * kPatienceSeconds),
      frames_max_(frames_max) {
  spare_.reserve(frames_max);
  built_.reserve(frames_max);
  address(port_.peer);
}

GramFrames::~GramFrames() { clear(); }

bool GramFrames::prepare(uint64_t now) noexcept {
  if (taken_ != built_.size()) return false;
  built_.clear();
  taken_ = 0;
  const size_t have = spare_.size();
  if (have == frames_max_) return true;
  spare_.resize(frames_max_);  // within what was reserved
  if (rte_pktmbuf_alloc_bulk(port_.pool, spare_.data() + have, static_cast<unsigned>(frames_max_ - have)) == 0) {
    dry_since_ = 0;
    return true;
  }
  spare_.resize(have);
  return wait_for_pool(now);
}

/// False, always: there is no gram yet. The device may keep more mbufs for itself than anybody can know beforehand.
bool GramFrames::wait_for_pool(uint64_t now) noexcept {
  if (dry_since_ == 0) dry_since_ = now;
  if (now - dry_since_ > patience_ && !control_.ending())
    control_.end(
        Exit::kFailed,
        fmt::format("port '{}' had no {} mbufs for a gram for {} s; raise `mbufs`, --set ports.{}.driver.mbufs={}",
                    port_.name, frames_max_, kPatienceSeconds, port_.name, 2 * port_.driver.mbufs));
  return false;
}

std::span<uint8_t> GramFrames::open() noexcept {
  if (spare_.empty()) return {};
  rte_mbuf& frame = *spare_.back();
  auto* at = rte_pktmbuf_mtod(&frame, uint8_t*);
  std::memcpy(at, headers_.bytes.data(), headers_.length);
  return {at + headers_.length, rte_pktmbuf_tailroom(&frame) - uint32_t{headers_.length}};
}

void GramFrames::close(uint32_t bytes, uint64_t denoted) noexcept {
  assert(!spare_.empty());
  if (bytes == 0) return;
  rte_mbuf* frame = spare_.back();
  spare_.pop_back();
  frame->pkt_len = headers_.length + bytes;
  frame->data_len = static_cast<uint16_t>(frame->pkt_len);
  note_of(*frame) = {.denoted = denoted, .epoch = epoch_};
  built_.push_back(frame);
  wire_bytes_ += frame->pkt_len;
  ++frames_;
}

uint32_t GramFrames::clear() noexcept {
  const auto left = static_cast<uint32_t>(waiting().size());
  rte_pktmbuf_free_bulk(built_.data() + taken_, left);
  rte_pktmbuf_free_bulk(spare_.data(), static_cast<unsigned>(spare_.size()));
  built_.clear();
  spare_.clear();
  taken_ = 0;
  return left;
}

}  // namespace pfs
