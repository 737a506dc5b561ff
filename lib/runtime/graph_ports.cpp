#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runtime/graph.hpp"

// Which ports frames come from and leave by, as far as edges tell.
namespace pfs {
namespace {

using Ports = std::set<std::string>;
using Stages = std::set<size_t>;  // each is looked at once, however many ways lead to it

/// The ports of the tx stages that frames given to `stage` can come to.
void add_ports_ahead(const Graph& graph, size_t stage, Ports& ports, Stages& seen) {
  if (!seen.insert(stage).second) return;
  const StageNode& node = graph.stages[stage];
  if (node.plan->transmits || node.plan->faces_paths) ports.insert(node.plan->port);
  if (node.plan->faces_paths) return;
  for (const size_t edge : node.outputs)
    if (graph.edges[edge].item == Item::kFrame) add_ports_ahead(graph, graph.edges[edge].to, ports, seen);
}

/// The ports of the rx stages whose frames, or the grams made of them, can come to `stage`.
void add_ports_behind(const Graph& graph, size_t stage, Ports& ports, Stages& seen) {
  if (!seen.insert(stage).second) return;
  const StageNode& node = graph.stages[stage];
  if (node.plan->rx_queue >= 0 || node.plan->faces_paths) ports.insert(node.plan->port);
  if (node.plan->faces_paths) return;
  for (const size_t edge : node.inputs) add_ports_behind(graph, graph.edges[edge].from, ports, seen);
}

Ports ports_ahead(const Graph& graph, size_t stage) {
  Ports ports;
  Stages seen;
  add_ports_ahead(graph, stage, ports, seen);
  return ports;
}

Ports ports_behind(const Graph& graph, size_t stage) {
  Ports ports;
  Stages seen;
  add_ports_behind(graph, stage, ports, seen);
  return ports;
}

Result<void> check_stage(const Graph& graph, size_t stage) {
  const StageNode& node = graph.stages[stage];
  Ports answered;
  for (const size_t edge : node.outputs) {
    if (graph.edges[edge].item != Item::kFrame) continue;
    Ports ahead = ports_ahead(graph, graph.edges[edge].to);
    if (ahead.size() > 1)
      return fail(graph.edges[edge].config->where,
                  fmt::format("frames from '{}' to '{}' may leave by ports '{}' and '{}', and an answer leaves by the "
                              "port that its question came from",
                              node.config->name, graph.stages[graph.edges[edge].to].config->name, *ahead.begin(),
                              *ahead.rbegin()),
                  "give each port an edge of its own");
    answered.merge(ahead);
  }
  for (const std::string& port : ports_behind(graph, stage))
    if (!answered.contains(port))
      return fail(
          node.config->where,
          fmt::format("stage '{}' ({}) answers what comes by port '{}', and none of its edges leads to a tx stage "
                      "of that port",
                      node.config->name, node.kind->name, port),
          "add one under `edges:`");
  return {};
}

}  // namespace

std::string port_ahead(const Graph& graph, size_t edge) {
  Ports ports;
  if (graph.edges[edge].item == Item::kFrame) ports = ports_ahead(graph, graph.edges[edge].to);
  return ports.size() == 1 ? *ports.begin() : "";
}

Result<void> check_answers(const Graph& graph) {
  for (size_t stage = 0; stage < graph.stages.size(); ++stage)
    if (const StageNode& node = graph.stages[stage]; node.kind->answers && gives_along(graph, node, Item::kFrame))
      if (auto good = check_stage(graph, stage); !good) return good;
  return {};
}

}  // namespace pfs
