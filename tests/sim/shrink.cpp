#include <algorithm>

#include "village.hpp"

namespace pfs::sim {
namespace {

constexpr uint32_t kMostRuns = 3000;

/// Villages with a little less in them, the largest steps first.
std::vector<Village> simpler(const Village& v) {
  std::vector<Village> all;
  const auto with = [&](auto change) {
    Village less = v;
    change(less);
    all.push_back(std::move(less));
  };
  if (v.hostile.kinds != 0) with([](Village& l) { l.hostile = {}; });
  if (!v.ways.empty()) with([](Village& l) { l.ways.clear(); });
  if (!v.restarts.empty()) with([](Village& l) { l.restarts.clear(); });
  for (uint32_t bit = 1; bit <= 16; bit *= 2)
    if ((v.hostile.kinds & bit) != 0 && v.hostile.kinds != bit) with([&](Village& l) { l.hostile.kinds = bit; });
  for (size_t i = 0; i < v.transfers.size() && v.transfers.size() > 1; ++i)
    with([&](Village& l) { l.transfers.erase(l.transfers.begin() + static_cast<ptrdiff_t>(i)); });
  for (size_t i = 0; i < v.restarts.size(); ++i)
    with([&](Village& l) { l.restarts.erase(l.restarts.begin() + static_cast<ptrdiff_t>(i)); });
  for (size_t i = 0; i < v.ways.size(); ++i)
    with([&](Village& l) { l.ways.erase(l.ways.begin() + static_cast<ptrdiff_t>(i)); });
  // The last node goes if nobody speaks to it.
  const auto uses = [&](uint32_t node) {
    return std::ranges::any_of(v.transfers, [&](const Transfer& t) { return t.from == node || t.to == node; }) ||
           std::ranges::any_of(v.restarts, [&](const Restart& r) { return r.node == node; });
  };
  if (v.nodes > 2 && !uses(v.nodes - 1))
    with([](Village& l) {
      --l.nodes;
      std::erase_if(l.ways, [&](const Way& w) { return w.from == l.nodes || w.to == l.nodes; });
    });
  if (v.ports > 1)
    with([](Village& l) {
      --l.ports;
      std::erase_if(l.ways, [&](const Way& w) { return w.port == l.ports; });
      for (Transfer& t : l.transfers) t.later = std::min(t.later, l.ports - 1);
    });
  for (size_t i = 0; i < v.transfers.size(); ++i) {
    const Transfer& t = v.transfers[i];
    if (t.frames > 1) with([&](Village& l) { l.transfers[i].frames /= 2; });
    if (t.streams > 1) with([&](Village& l) { l.transfers[i].streams /= 2; });
    if (t.replies != 0) with([&](Village& l) { l.transfers[i].replies = 0; });
    if (t.later != 0) with([&](Village& l) { l.transfers[i].later = 0; });
    if (t.drops != 0) with([&](Village& l) { l.transfers[i].drops = 0; });
    if (t.start != 0) with([&](Village& l) { l.transfers[i].start = 0; });
    if (t.bytes > 80) with([&](Village& l) { l.transfers[i].bytes = 80; });
  }
  for (size_t i = 0; i < v.ways.size(); ++i) {
    const DiceConfig& dice = v.ways[i].dice;
    const LineConfig& line = v.ways[i].line;
    if (dice.loss != 0) with([&](Village& l) { l.ways[i].dice.loss = 0; });
    if (dice.burst_enter != 0)
      with([&](Village& l) { l.ways[i].dice.burst_enter = 0, l.ways[i].dice.burst_leave = 1; });
    if (dice.duplicate != 0) with([&](Village& l) { l.ways[i].dice.duplicate = 0; });
    if (dice.reorder != 0) with([&](Village& l) { l.ways[i].dice.reorder = 0; });
    if (dice.corrupt != 0) with([&](Village& l) { l.ways[i].dice.corrupt = 0; });
    if (dice.trim != 0) with([&](Village& l) { l.ways[i].dice.trim = 0; });
    if (line.black_every != 0) with([&](Village& l) { l.ways[i].line.black_every = l.ways[i].line.black_for = 0; });
    if (line.ticks_per_byte != 0)
      with([&](Village& l) { l.ways[i].line.ticks_per_byte = l.ways[i].line.queue_bytes = 0; });
    if (line.jitter != 0) with([&](Village& l) { l.ways[i].line.jitter = 0; });
    if (line.delay > 1000) with([&](Village& l) { l.ways[i].line.delay /= 2; });
  }
  for (size_t i = 0; i < v.restarts.size(); ++i)
    if (v.restarts[i].down != 0) with([&](Village& l) { l.restarts[i].down /= 2; });
  if (v.hold != 0) with([](Village& l) { l.hold = 0; });
  if (v.consume != 0) with([](Village& l) { l.consume = 0; });
  if (v.faults_end > 1000) with([](Village& l) { l.faults_end /= 2; });
  return all;
}

}  // namespace

Village shrink(Village village) {
  const std::string broken = live(village).broken;
  uint32_t runs = 0;
  for (bool found = true; found && runs < kMostRuns;) {
    found = false;
    for (Village& less : simpler(village)) {
      if (++runs == kMostRuns) break;
      if (live(less).broken != broken) continue;
      village = std::move(less);
      found = true;
      break;
    }
  }
  return village;
}

}  // namespace pfs::sim
