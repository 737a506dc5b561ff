#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "blob/layout.hpp"
#include "runtime/engine.hpp"

// What needs the machine but nothing started: devices, queues, and each stage against its surroundings.
namespace pfs {
namespace {

bool carries_frames(const Graph& graph, const StageNode& stage) {
  return (!stage.inputs.empty() && stage.input == Item::kFrame) || gives_along(graph, stage, Item::kFrame);
}

/// The lcores on which frames are taken from a pool or given back: each of them keeps some in a cache of its own.
size_t lcores_with_frames(const Graph& graph) {
  std::set<unsigned> lcores;
  for (const StageNode& stage : graph.stages)
    if (carries_frames(graph, stage)) lcores.insert(stage.lcore);
  return lcores.size();
}

}  // namespace

Result<void> Engine::check() {
  for (size_t i = 0; i < ports_.size(); ++i) {
    for (size_t j = 0; j < i; ++j)
      if (ports_[j].id == ports_[i].id)
        return fail(
            ports_[i].where,
            fmt::format("ports '{}' and '{}' both are device {}", ports_[j].name, ports_[i].name, ports_[i].device),
            "give each its own");
    if (auto enough = check_queues(ports_[i]); !enough) return enough;
  }
  const RuntimeConfig& runtime = graph_.config->runtime;
  if (const Result<void> can = Jit::can(); !can && runtime.jit == RuntimeConfig::Jit::kOn)
    return fail(runtime.jit_where, can.error().what, can.error().hint);
  if (const auto& config = graph_.config->blob) {
    const Result<Layout> layout = make_layout(config->size, config->block);
    if (!layout) return fail(config->where, layout.error().what, layout.error().hint);
    blob_.layout = *layout;
  }
  for (size_t i = 0; i < graph_.stages.size(); ++i)
    if (auto good = graph_.stages[i].plan->check(env_of(i)); !good) return good;
  return check_mbufs();
}

/// A port's pool must be able to give what the stages wait for, however the mbufs have come to lie: a stage that builds
/// a gram takes all the mbufs for it at once and keeps those that the gram did not need, caches keep half as much again
/// as their size before they give anything back, and each queue moves a burst.
Result<void> Engine::check_mbufs() {
  for (const Port& port : ports_) {
    uint64_t kept = 0;
    for (size_t i = 0; i < graph_.stages.size(); ++i)
      if (graph_.stages[i].plan->port == port.name) kept += graph_.stages[i].plan->mbufs_kept(env_of(i));
    const uint64_t caches = lcores_with_frames(graph_) * port.driver.mbcache * 3 / 2;
    const uint64_t bursts = uint64_t{port.driver.burst} * (port.rx_queues + port.tx_queues);
    const uint64_t needed = 2 * kept + caches + bursts;
    if (needed <= port.driver.mbufs) continue;
    return fail(
        port.where,
        fmt::format("port '{}' has {} mbufs and needs {}: twice the {} that its stages keep for grams, {} in the "
                    "caches of lcores, {} for bursts",
                    port.name, port.driver.mbufs, needed, kept, caches, bursts),
        fmt::format("--set ports.{}.driver.mbufs={}, or lower `mbcache` or make the grams smaller", port.name, needed));
  }
  return {};
}

}  // namespace pfs
