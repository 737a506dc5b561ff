#include "runtime/graph.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "kernels/read_programs.hpp"

namespace pfs {

bool gives_along(const Graph& graph, const StageNode& stage, Item item) {
  return std::any_of(stage.outputs.begin(), stage.outputs.end(),
                     [&](size_t edge) { return graph.edges[edge].item == item; });
}

uint32_t mbufs_held(const Graph& graph, const std::string& port) {
  uint32_t held = 0;
  for (const StageNode& stage : graph.stages) held += stage.plan->mbufs_held(port);
  return held;
}

namespace {

const char* name(Item item) { return item == Item::kFrame ? "frames" : "grams"; }

bool contains(const std::vector<Item>& items, Item item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

Result<StageNode> make_stage(const StageConfig& config) {
  const StageKind* kind = find_stage_kind(config.kind);
  if (kind == nullptr)
    return fail(config.where, fmt::format("stage '{}' is of kind '{}', which there is not", config.name, config.kind),
                fmt::format("kinds are {}", fmt::join(stage_kind_names(), ", ")));
  Result<std::unique_ptr<StagePlan>> plan = kind->parse(config);
  if (!plan) return tl::unexpected(plan.error());
  return StageNode{.config = &config, .kind = kind, .plan = std::move(*plan), .inputs = {}, .outputs = {}};
}

/// The first thing the producer gives that the consumer takes; one item kind a consumer.
Result<void> fit(Graph& graph, EdgeNode& edge) {
  const StageNode& from = graph.stages[edge.from];
  StageNode& to = graph.stages[edge.to];
  const bool decided = !to.inputs.empty();
  for (const Item item : from.kind->gives) {
    if (!contains(to.kind->takes, item) || (decided && item != to.input)) continue;
    edge.item = to.input = item;
    return {};
  }
  return fail(edge.config->where, fmt::format("'{}' ({}) gives nothing that '{}' ({}) takes{}", from.config->name,
                                              from.kind->name, to.config->name, to.kind->name,
                                              decided ? fmt::format(", which is fed {} already", name(to.input)) : ""));
}

Result<void> add_edges(Graph& graph, const std::map<std::string, size_t>& by_name) {
  for (const EdgeConfig& config : graph.config->edges) {
    for (const std::string& target : config.to) {
      EdgeNode edge{.config = &config, .from = by_name.at(config.from), .to = by_name.at(target)};
      if (auto fits = fit(graph, edge); !fits) return fits;
      const auto index = graph.edges.size();
      graph.stages[edge.from].outputs.push_back(index);
      graph.stages[edge.to].inputs.push_back(index);
      graph.edges.push_back(edge);
    }
  }
  return {};
}

/// Every stage is fed, and what it must hand on has somewhere to go.
Result<void> check_ends(const Graph& graph) {
  for (const StageNode& stage : graph.stages) {
    const auto& config = *stage.config;
    if (!stage.kind->takes.empty() && !stage.kind->optional_input && stage.inputs.empty())
      return fail(config.where, fmt::format("stage '{}' ({}) has no incoming edge", config.name, stage.kind->name),
                  fmt::format("it takes {}; add one under `edges:`", name(stage.kind->takes.front())));
    // What a stage gives first is its product; anything further (ACKs, say) may go unsent. Answers may, too.
    if (!stage.kind->gives.empty() && !stage.kind->output_optional &&
        !gives_along(graph, stage, stage.kind->gives.front()))
      return fail(config.where, fmt::format("stage '{}' ({}) has no outgoing edge", config.name, stage.kind->name),
                  fmt::format("it gives {}; add one under `edges:`", name(stage.kind->gives.front())));
  }
  return {};
}

/// Frames that may be of any kind only meet stages that do not look for a PacketFS payload. Stages are in topological
/// order, so what a stage gives is known before its takers are looked at.
Result<void> check_any_frames(const Graph& graph) {
  std::vector<bool> any(graph.stages.size());
  for (size_t i = 0; i < graph.stages.size(); ++i) {
    const StageNode& from = graph.stages[i];
    any[i] = any[i] || from.plan->gives_any_frame;
    if (!any[i]) continue;
    for (const size_t index : from.outputs) {
      const EdgeNode& edge = graph.edges[index];
      const StageNode& to = graph.stages[edge.to];
      if (!to.kind->takes_any_frame)
        return fail(edge.config->where,
                    fmt::format("'{}' ({}) hands on frames of any kind, and '{}' ({}) takes those of PacketFS only",
                                from.config->name, from.kind->name, to.config->name, to.kind->name),
                    "leave `any` off at the rx stage");
      any[edge.to] = true;
    }
  }
  return {};
}

/// An rx stage hands on what concerns addresses where all its frames come to stages that take that, perhaps by way of
/// stages that take anything.
void pass_address_frames(Graph& graph) {
  std::vector<bool> takes(graph.stages.size());
  for (size_t i = graph.stages.size(); i-- > 0;) {
    const StageNode& stage = graph.stages[i];
    const bool all = !stage.outputs.empty() &&
                     std::ranges::all_of(stage.outputs, [&](size_t edge) { return takes[graph.edges[edge].to]; });
    takes[i] = stage.kind->takes_address_frames || (stage.kind->takes_any_frame && all);
    if (stage.plan->rx_queue >= 0 && !stage.plan->gives_any_frame) stage.plan->gives_address_frames = all;
  }
}

/// A stream always meets the same one of the stages that must meet whole streams.
Result<void> check_streams(const Graph& graph) {
  for (const StageNode& stage : graph.stages) {
    const EdgeNode* first = nullptr;
    for (const size_t index : stage.outputs) {
      const EdgeNode& edge = graph.edges[index];
      const StageNode& taker = graph.stages[edge.to];
      if (taker.kind->whole_streams && edge.config->spread == EdgeConfig::Spread::kTurn && edge.config->to.size() > 1)
        return fail(edge.config->where,
                    fmt::format("`spread: turn` would share the frames of one stream among '{}' ({}) and others, which "
                                "must each meet whole streams",
                                taker.config->name, taker.kind->name),
                    "leave it at `stream`");
      if (first != nullptr && first->item == edge.item && first->config->spread != edge.config->spread)
        return fail(edge.config->where, fmt::format("the edges of '{}' spread in two ways", stage.config->name),
                    "give them one `spread`");
      if (first == nullptr) first = &edge;
    }
  }
  return {};
}

/// Every queue of a port below the highest that is polled: what a device spreads over them would be lost otherwise.
Result<void> check_queues(const Graph& graph) {
  for (const StageNode& stage : graph.stages) {
    for (int queue = 0; queue < stage.plan->rx_queue; ++queue) {
      const bool polled = std::any_of(graph.stages.begin(), graph.stages.end(), [&](const StageNode& other) {
        return other.plan->port == stage.plan->port && other.plan->rx_queue == queue;
      });
      if (!polled)
        return fail(stage.config->where,
                    fmt::format("stage '{}' polls queue {} of port '{}', and nobody polls queue {}", stage.config->name,
                                stage.plan->rx_queue, stage.plan->port, queue),
                    "number a port's queues from 0 without a gap");
    }
  }
  return {};
}

/// One poller a queue; TX queues are dealt out.
Result<void> deal_queues(Graph& graph) {
  std::map<std::pair<std::string, int>, const StageConfig*> pollers;
  std::map<std::string, uint16_t> tx_queues;
  for (StageNode& stage : graph.stages) {
    if (stage.plan->rx_queue >= 0) {
      const auto [other, fresh] = pollers.emplace(std::pair(stage.plan->port, stage.plan->rx_queue), stage.config);
      if (!fresh)
        return fail(stage.config->where,
                    fmt::format("stages '{}' and '{}' both poll queue {} of port '{}'", other->second->name,
                                stage.config->name, stage.plan->rx_queue, stage.plan->port),
                    "give each rx stage a `queue:` of its own");
    }
    if (stage.plan->transmits) stage.plan->tx_queue = tx_queues[stage.plan->port]++;
  }
  return {};
}

/// Producers before consumers. The configuration has been checked for cycles.
void sort(Graph& graph) {
  std::vector<size_t> order;
  std::vector<size_t> waiting;
  for (const StageNode& stage : graph.stages) waiting.push_back(stage.inputs.size());
  while (order.size() < graph.stages.size())
    for (size_t i = 0; i < graph.stages.size(); ++i) {
      if (waiting[i] != 0) continue;
      order.push_back(i);
      waiting[i] = SIZE_MAX;
      for (const size_t edge : graph.stages[i].outputs) --waiting[graph.edges[edge].to];
    }
  std::vector<size_t> place_of(order.size());
  std::vector<StageNode> sorted;
  for (const size_t old : order) {
    place_of[old] = sorted.size();
    sorted.push_back(std::move(graph.stages[old]));
  }
  graph.stages = std::move(sorted);
  for (EdgeNode& edge : graph.edges) {
    edge.from = place_of[edge.from];
    edge.to = place_of[edge.to];
  }
}

/// Where several stages share their frames among the same takers, a stream meets the same one from each of them, in
/// whatever order their edges name these.
void sort_takers(Graph& graph) {
  for (StageNode& stage : graph.stages)
    std::stable_sort(stage.outputs.begin(), stage.outputs.end(),
                     [&](size_t a, size_t b) { return graph.edges[a].to < graph.edges[b].to; });
}

/// Stages work at the same time, on several lcores or slice by slice on one. So where kernels may change the blob, one
/// stage alone looks at what grams denote; that stage puts its grams in order.
Result<void> check_writers(const Graph& graph) {
  if (!graph.config->blob || graph.config->blob->writable.empty()) return {};
  const StageNode* first = nullptr;
  bool writes = false;
  for (const StageNode& stage : graph.stages) {
    if (!stage.plan->reads_grams || stage.input != Item::kGram) continue;
    writes = writes || stage.plan->writes_blob;
    if (first == nullptr)
      first = &stage;
    else if (writes)
      return fail(stage.config->where,
                  fmt::format("'{}' and '{}' would look at what grams denote at the same time, while `blob.writable` "
                              "lets kernels change it",
                              first->config->name, stage.config->name),
                  "give all grams to one kernel stage, or leave `blob.writable` out");
  }
  return {};
}

/// A stage's partner is made before the stage, because frames come to it first.
Result<void> check_partners(const Graph& graph) {
  for (size_t i = 0; i < graph.stages.size(); ++i) {
    const StageNode& stage = graph.stages[i];
    const std::string& name = stage.plan->partner;
    if (name.empty()) continue;
    const auto partner = std::find_if(graph.stages.begin(), graph.stages.end(),
                                      [&](const StageNode& other) { return other.config->name == name; });
    if (partner == graph.stages.end() || !partner->plan->faces_paths || !partner->plan->partner.empty())
      return fail(stage.config->where,
                  fmt::format("stage '{}' names '{}' as its session, and there is no session_in stage of that name",
                              stage.config->name, name),
                  "name the stage that brings the session's frames in");
    if (static_cast<size_t>(partner - graph.stages.begin()) > i)
      return fail(stage.config->where,
                  fmt::format("stage '{}' stands before '{}', whose session it shares", stage.config->name, name),
                  "let what comes from the one lead to the other, by way of what answers");
  }
  return {};
}

}  // namespace

Result<Graph> make_graph(std::shared_ptr<const PipelineConfig> config) {
  Graph graph{.config = std::move(config), .stages = {}, .edges = {}, .programs = {}};
  Result<std::vector<ProgramDefinition>> programs = read_programs(graph.config->programs);
  if (!programs) return tl::unexpected(programs.error());
  graph.programs = std::move(*programs);
  std::map<std::string, size_t> by_name;
  for (const StageConfig& stage : graph.config->stages) {
    Result<StageNode> node = make_stage(stage);
    if (!node) return tl::unexpected(node.error());
    by_name[stage.name] = graph.stages.size();
    graph.stages.push_back(std::move(*node));
  }
  if (auto done = add_edges(graph, by_name); !done) return tl::unexpected(done.error());
  if (auto done = check_ends(graph); !done) return tl::unexpected(done.error());
  if (auto done = deal_queues(graph); !done) return tl::unexpected(done.error());
  if (auto done = check_queues(graph); !done) return tl::unexpected(done.error());
  sort(graph);
  sort_takers(graph);
  if (auto done = check_any_frames(graph); !done) return tl::unexpected(done.error());
  pass_address_frames(graph);
  if (auto done = check_streams(graph); !done) return tl::unexpected(done.error());
  if (auto done = check_partners(graph); !done) return tl::unexpected(done.error());
  if (auto done = check_writers(graph); !done) return tl::unexpected(done.error());
  if (auto done = check_answers(graph); !done) return tl::unexpected(done.error());
  return graph;
}

}  // namespace pfs
