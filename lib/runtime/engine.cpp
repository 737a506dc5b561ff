#include "runtime/engine.hpp"

#include <fmt/format.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include <algorithm>
#include <atomic>

#include "base/log.hpp"
#include "blob/build.hpp"
#include "blob/layout.hpp"
#include "dpdk/eal.hpp"
#include "dpdk/memory.hpp"

namespace pfs {
namespace {

/// Work shared by all lcores: each takes the next index until there is none.
struct SharedLoop {
  const std::function<void(size_t)>& body;
  size_t count;
  std::atomic<size_t> next{0};
  static int run(void* self) {
    auto& loop = *static_cast<SharedLoop*>(self);
    for (size_t i = loop.next++; i < loop.count; i = loop.next++) loop.body(i);
    return 0;
  }
};

/// A ParallelFor over EAL's lcores, this one included.
void on_all_lcores(size_t count, const std::function<void(size_t)>& body) {
  SharedLoop loop{.body = body, .count = count};
  rte_eal_mp_remote_launch(SharedLoop::run, &loop, CALL_MAIN);
  rte_eal_mp_wait_lcore();
}

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

/// What needs the machine but nothing started: devices, queues, and each stage against its surroundings.
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
  if (const auto& config = graph_.config->blob) {
    const Result<Layout> layout = make_layout(config->size, config->block);
    if (!layout) return fail(config->where, layout.error().what, layout.error().hint);
    blob_.layout = *layout;
  }
  for (size_t i = 0; i < graph_.stages.size(); ++i)
    if (auto good = graph_.stages[i].plan->check(env_of(i)); !good) return good;
  return {};
}

Result<void> Engine::start() {
  using Step = Result<void> (Engine::*)();
  for (const Step step :
       {&Engine::make_blob, &Engine::start_ports, &Engine::compile_programs, &Engine::make_stages, &Engine::connect}) {
    if (auto done = (this->*step)(); !done) return done;
    if (control_.ending()) return fail("", "interrupted before it ran", "", Exit::kSecondSignal);
  }
  return {};
}

Result<void> Engine::make_blob() {
  const auto& config = graph_.config->blob;
  if (!config) return {};
  const Result<Layout> layout = make_layout(config->size, config->block);
  if (!layout) return fail(config->where, layout.error().what, layout.error().hint);
  const Result<BlobMemory> memory =
      reserve_blob(config->size, ports_.empty() ? lcores_.front().node : ports_.front().socket);
  if (!memory) return tl::unexpected(memory.error());
  if (!memory->note.empty()) notes_.push_back(memory->note);
  blob_ = {.data = memory->data, .layout = *layout};
  const Result<Sha256Digest> root = build_blob(blob_, config->seed, files_, on_all_lcores);
  if (!root) return tl::unexpected(root.error());
  root_ = *root;
  for (const BlobConfig::Writable& range : config->writable)
    grants_.push_back({range.stream, range.offset, range.length});
  return {};
}

Result<void> Engine::start_ports() {
  for (Port& port : ports_) {
    if (auto started = start_port(port); !started) return started;
    for (const std::string& note : port.notes)
      notes_.push_back(fmt::format("port '{}' ({}): {}", port.name, port.pmd, note));
  }
  for (Port& port : ports_)
    if (auto linked = wait_for_link(port, control_.ending_flag()); !linked) return linked;
  return {};
}

Result<void> Engine::compile_programs() {
  using Jit = RuntimeConfig::Jit;
  const RuntimeConfig& runtime = graph_.config->runtime;
  if (runtime.jit == Jit::kOff) return {};
  if (const Result<void> can = pfs::Jit::can(); !can) {
    if (runtime.jit == Jit::kOn) return fail(runtime.jit_where, can.error().what, can.error().hint);
    if (ProgramCompiler::has_work(graph_.programs)) notes_.push_back("programs run tile by tile: " + can.error().what);
    return {};
  }
  compiler_.start(graph_.programs);
  return runtime.jit == Jit::kOn ? compiler_.finish() : Result<void>{};
}

Output* Engine::output_of(size_t stage, Item item) {
  const StageNode& node = graph_.stages[stage];
  const auto first = std::find_if(node.outputs.begin(), node.outputs.end(),
                                  [&](size_t edge) { return graph_.edges[edge].item == item; });
  if (first == node.outputs.end()) return nullptr;
  Output& output = outputs_.emplace_back();
  if (graph_.edges[*first].config->spread == EdgeConfig::Spread::kTurn) output.spread_in_turn();
  return &output;
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
          .input = node.input,
          .has_input = !node.inputs.empty(),
          .gives_frames = gives_along(graph_, node, Item::kFrame),
          .parallel_for = on_all_lcores,
          .socket = place->node,
          .ticks_per_second = ticks_per_second(),
          .control = &control_};
}

Result<void> Engine::make_stages() {
  for (size_t i = 0; i < graph_.stages.size(); ++i) {
    StageNode& node = graph_.stages[i];
    const StageEnv env = env_of(i);
    // Again, with what the ports granted.
    if (auto good = node.plan->check(env); !good) return good;
    Result<std::unique_ptr<Stage>> stage = node.plan->create(env);
    if (!stage) return tl::unexpected(stage.error());
    (*stage)->frames_out = output_of(i, Item::kFrame);
    (*stage)->grams_out = output_of(i, Item::kGram);
    stages_.push_back(std::move(*stage));
    StageSlot& slot = slots_.emplace_back();
    slot.stage = stages_.back().get();
    slot.place = i;
    worker_of(node.lcore).add(slot);
    if (control_.ending()) break;
  }
  return {};
}

Worker& Engine::worker_of(unsigned lcore) {
  for (Worker& worker : workers_)
    if (worker.lcore() == lcore) return worker;
  return workers_.emplace_back(lcore, graph_.config->runtime, control_);
}

Result<void> Engine::connect() {
  for (const EdgeNode& node : graph_.edges) {
    const StageNode& from = graph_.stages[node.from];
    const StageNode& to = graph_.stages[node.to];
    Edge& edge = edges_.emplace_back(fmt::format("{} -> {}", from.config->name, to.config->name), *stages_[node.to],
                                     node.item, node.config->full, control_);
    if (from.lcore == to.lcore) {
      edge.connect_directly(worker_of(from.lcore).meter);
    } else {
      const auto place =
          std::find_if(lcores_.begin(), lcores_.end(), [&](const LcorePlace& p) { return p.lcore == to.lcore; });
      if (auto made = edge.connect_by_ring(node.config->slots, place->node, worker_of(from.lcore), node.from); !made)
        return made;
      slots_[node.to].rings.push_back(&edge);
    }
    slots_[node.to].producers.push_back(&slots_[node.from]);
  }
  for (size_t i = 0; i < stages_.size(); ++i)
    for (const size_t edge : graph_.stages[i].outputs)
      (graph_.edges[edge].item == Item::kFrame ? stages_[i]->frames_out : stages_[i]->grams_out)->add(edges_[edge]);
  return {};
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
