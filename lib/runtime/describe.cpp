#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "runtime/graph.hpp"

namespace pfs {
namespace {

const char* name(Item item) { return item == Item::kFrame ? "frames" : "grams"; }

/// How an edge will be made, in words.
std::string way(const Graph& graph, const EdgeNode& edge) {
  if (graph.stages[edge.from].lcore == graph.stages[edge.to].lcore) return "call";
  return fmt::format("ring {} {}", edge.config->slots, edge.config->full == EdgeConfig::Full::kHold ? "hold" : "drop");
}

}  // namespace

std::string describe(const Graph& graph, const std::vector<LcorePlace>& lcores) {
  std::string text;
  for (const StageNode& stage : graph.stages) {
    const auto place =
        std::find_if(lcores.begin(), lcores.end(), [&](const LcorePlace& p) { return p.lcore == stage.lcore; });
    text += fmt::format("  stage {:<12} {:<12} lcore {} (CPU {}, node {}){}{}\n", stage.config->name, stage.kind->name,
                        stage.lcore, fmt::join(place->cpus, ","), place->node,
                        stage.config->lcore == kLcoreAuto ? " auto" : "",
                        stage.plan->port.empty() ? "" : "  port " + stage.plan->port);
  }
  for (const ProgramConfig& program : graph.config->programs)
    text += fmt::format("  program {}  {}\n", program.op, fmt::join(program.operations, ", "));
  for (const EdgeNode& edge : graph.edges)
    text += fmt::format("  edge  {} -> {}  {} by {}\n", graph.stages[edge.from].config->name,
                        graph.stages[edge.to].config->name, name(edge.item), way(graph, edge));
  return text;
}

std::string to_dot(const Graph& graph) {
  std::string text =
      "digraph pipeline {\n  rankdir=LR; node [shape=box, style=rounded, fontname=\"sans\"]; edge [fontname=\"sans\", "
      "fontsize=10];\n";
  for (const StageNode& stage : graph.stages)
    text += fmt::format("  \"{}\" [label=\"{}\\n{}\\nlcore {}{}\"];\n", stage.config->name, stage.config->name,
                        stage.kind->name, stage.lcore, stage.plan->port.empty() ? "" : "\\nport " + stage.plan->port);
  for (const EdgeNode& edge : graph.edges)
    text += fmt::format("  \"{}\" -> \"{}\" [label=\"{}\\n{}\"];\n", graph.stages[edge.from].config->name,
                        graph.stages[edge.to].config->name, name(edge.item), way(graph, edge));
  return text + "}\n";
}

}  // namespace pfs
