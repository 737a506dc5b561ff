#include <fmt/format.h>

#include <algorithm>

#include "blob/build.hpp"
#include "dpdk/frame_note.hpp"
#include "dpdk/memory.hpp"
#include "runtime/engine.hpp"
#include "runtime/on_lcores.hpp"
#include "stages/reply.hpp"

// What start() does, in its order.
namespace pfs {

Result<void> Engine::start() {
  using Step = Result<void> (Engine::*)();
  for (const Step step :
       {&Engine::make_blob, &Engine::start_ports, &Engine::compile_programs, &Engine::make_stages, &Engine::connect}) {
    if (auto done = (this->*step)(); !done) return done;
    if (control_.ending()) return interrupted();
  }
  return {};
}

Result<void> Engine::make_blob() {
  const auto& config = graph_.config->blob;
  if (!config) return {};
  const Result<BlobMemory> memory =
      reserve_blob(config->size, ports_.empty() ? lcores_.front().node : ports_.front().socket);
  if (!memory) return tl::unexpected(memory.error());
  if (!memory->note.empty()) notes_.push_back(memory->note);
  blob_.data = memory->data;  // check() has laid it out
  const Result<Sha256Digest> root = build_blob(blob_, config->seed, files_, on_all_lcores);
  if (!root) return tl::unexpected(root.error());
  root_ = *root;
  for (const BlobConfig::Writable& range : config->writable)
    grants_.push_back({range.stream, range.offset, range.length});
  return {};
}

Result<void> Engine::start_ports() {
  if (auto reserved = reserve_frame_notes(); !reserved) return reserved;
  for (Port& port : ports_) {
    if (auto started = start_port(port, kReplyBytesMax); !started) return started;
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
  const bool required = runtime.jit == Jit::kOn;  // then check() has seen that it can be
  const Result<void> can = pfs::Jit::can();
  const Result<void> started = can ? compiler_.start(graph_.programs, required) : can;
  if (started) return {};
  if (required) return fail(runtime.jit_where, started.error().what, started.error().hint, started.error().exit);
  if (ProgramCompiler::has_work(graph_.programs))
    notes_.push_back("programs run tile by tile: " + started.error().what);
  return {};
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

Result<void> Engine::make_stages() {
  for (size_t i = 0; i < graph_.stages.size(); ++i) {
    StageNode& node = graph_.stages[i];
    Worker& worker = worker_of(node.lcore);
    StageEnv env = env_of(i);
    env.relief = &worker;
    for (size_t other = 0; other < i; ++other)
      if (graph_.stages[other].config->name == node.plan->partner) env.partner = stages_[other].get();
    // Again, with what the ports granted.
    if (auto good = node.plan->check(env); !good) return good;
    Result<std::unique_ptr<Stage>> stage = node.plan->create(env);
    if (!stage) return tl::unexpected(stage.error());
    (*stage)->frames_out = output_of(i, Item::kFrame);
    (*stage)->grams_out = output_of(i, Item::kGram);
    figures_.push_back((*stage)->figures());
    stages_.push_back(std::move(*stage));
    StageSlot& slot = slots_.emplace_back();
    slot.stage = stages_.back().get();
    slot.receives = node.plan->rx_queue >= 0;
    slot.reach.set(i);
    worker.add(slot);
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
                                     node.item, node.config->full);
    if (from.lcore == to.lcore) {
      edge.connect_directly(worker_of(from.lcore).meter);
    } else {
      const auto place =
          std::find_if(lcores_.begin(), lcores_.end(), [&](const LcorePlace& p) { return p.lcore == to.lcore; });
      if (auto made = edge.connect_by_ring(node.config->slots, place->node, worker_of(from.lcore), node.from); !made)
        return made;
      slots_[node.to].rings.push_back(&edge);
    }
    const std::string ahead = port_ahead(graph_, edges_.size() - 1);
    for (const Port& port : ports_)
      if (port.name == ahead) edge.lead_to(port.id);
    slots_[node.to].producers.push_back(&slots_[node.from]);
  }
  for (size_t i = stages_.size(); i-- > 0;)
    for (const size_t edge : graph_.stages[i].outputs)
      if (edges_[edge].direct()) slots_[i].reach |= slots_[graph_.edges[edge].to].reach;
  for (size_t i = 0; i < stages_.size(); ++i)
    for (const size_t edge : graph_.stages[i].outputs)
      (graph_.edges[edge].item == Item::kFrame ? stages_[i]->frames_out : stages_[i]->grams_out)->add(edges_[edge]);
  return {};
}

}  // namespace pfs
