#include "runtime/engine.hpp"

#include <rte_launch.h>
#include <rte_lcore.h>

#include <algorithm>

#include "dpdk/eal.hpp"
#include "runtime/on_lcores.hpp"

namespace pfs {
namespace {

int run_worker(void* worker) {
  static_cast<Worker*>(worker)->run();
  return 0;
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::create(Graph graph, std::vector<PlacedFile> files,
                                               const std::string& driver_folder) {
  std::unique_ptr<Engine> engine(new Engine());
  engine->files_ = std::move(files);
  std::string note;
  engine->lcores_ = read_topology(note);
  if (!note.empty()) engine->notes_.push_back(note);
  std::vector<int> nodes;
  for (const PortConfig& config : graph.config->ports) {
    Result<Port> port = find_port(config, driver_folder);
    if (!port) return tl::unexpected(port.error());
    nodes.push_back(port->socket);
    engine->ports_.push_back(std::move(*port));
  }
  if (auto placed = place(graph, engine->lcores_, nodes, engine->notes_); !placed)
    return tl::unexpected(placed.error());
  for (Port& port : engine->ports_) port.driver.mbufs += mbufs_held(graph, port.name);
  for (const StageNode& stage : graph.stages) {
    for (Port& port : engine->ports_) {
      if (port.name != stage.plan->port) continue;
      port.rx_queues = std::max<uint16_t>(port.rx_queues, static_cast<uint16_t>(stage.plan->rx_queue + 1));
      if (stage.plan->transmits) ++port.tx_queues;
    }
  }
  engine->meters_.resize(engine->ports_.size());
  engine->graph_ = std::move(graph);
  if (auto good = engine->check(); !good) return tl::unexpected(good.error());
  return engine;
}

Engine::~Engine() {
  // Stages and edges hold mbufs and pool memory: they go before the ports that own the pools.
  slots_.clear();
  stages_.clear();
  edges_.clear();
  for (Port& port : ports_) stop_port(port);
}

StageEnv Engine::env_of(size_t index) {
  const StageNode& node = graph_.stages[index];
  const auto port =
      std::find_if(ports_.begin(), ports_.end(), [&](const Port& p) { return p.name == node.plan->port; });
  const auto place =
      std::find_if(lcores_.begin(), lcores_.end(), [&](const LcorePlace& p) { return p.lcore == node.lcore; });
  return {.name = node.config->name,
          .where = node.config->where,
          .blob = blob_,
          .grants = grants_,
          .programs = graph_.programs,
          .streams = graph_.config->streams,
          .port = port == ports_.end() ? nullptr : &*port,
          .ports = ports_,
          .root = root_,
          .backlog = &backlog_,
          .input = node.input,
          .behind_session = std::ranges::any_of(
              node.inputs, [&](size_t edge) { return graph_.stages[graph_.edges[edge].from].plan->faces_paths; }),
          .has_input = !node.inputs.empty(),
          .gives_frames = gives_along(graph_, node, Item::kFrame),
          .parallel_for = on_all_lcores,
          .socket = place->node,
          .ticks_per_second = ticks_per_second(),
          .control = &control_,
          .place = index,
          .alike = static_cast<size_t>(std::count_if(graph_.stages.begin(), graph_.stages.end(),
                                                     [&](const StageNode& other) { return other.kind == node.kind; }))};
}

void Engine::run() {
  Worker* mine = nullptr;
  for (Worker& worker : workers_) {
    if (worker.lcore() == rte_get_main_lcore())
      mine = &worker;
    else
      rte_eal_remote_launch(run_worker, &worker, worker.lcore());
  }
  if (mine != nullptr) mine->run();
  rte_eal_mp_wait_lcore();
  for (Edge& edge : edges_) edge.abandon();
}

Result<void> Engine::resume_port(size_t index) {
  port_stats(index);  // what the device has counted goes away with it
  auto attached = attach_again(ports_[index]);
  port_stats(index);  // the counters begin anew
  if (attached) ports_[index].gate->open();
  return attached;
}

Ledger Engine::ledger() const {
  Ledger ledger;
  for (const auto& stage : stages_) {
    const StageStats& stats = stage->stats;
    ledger.received += stats.received.get();
    ledger.built += stats.built.get();
    ledger.processed += stats.processed.get();
    ledger.transmitted += stats.transmitted.get();
    for (size_t reason = 0; reason < kDropCount; ++reason) ledger.dropped[reason] += stats.dropped[reason].get();
    ledger.in_flight += stage->frames_in_flight();
  }
  for (const Edge& edge : edges_) ledger.in_flight += edge.frames_in_flight();
  return ledger;
}

}  // namespace pfs
