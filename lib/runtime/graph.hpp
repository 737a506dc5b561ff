#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/pipeline.hpp"
#include "dpdk/topology.hpp"
#include "stages/stage.hpp"

namespace pfs {

/// A stage of the graph: what the file says, what its kind made of it, where it will run.
struct StageNode {
  const StageConfig* config = nullptr;
  const StageKind* kind = nullptr;
  std::unique_ptr<StagePlan> plan;
  Item input = Item::kFrame;    ///< what its edges bring; meaningless for a source
  std::vector<size_t> inputs;   ///< edges that end here
  std::vector<size_t> outputs;  ///< edges that start here
  unsigned lcore = 0;           ///< set by place()
};

/// One producer to one consumer. An edge of the file with several targets is several of these.
struct EdgeNode {
  const EdgeConfig* config = nullptr;
  size_t from = 0;
  size_t to = 0;
  Item item = Item::kFrame;
};

/// The pipeline as stages and edges, checked whole before anything starts. Stages are in topological order.
struct Graph {
  std::shared_ptr<const PipelineConfig> config;
  std::vector<StageNode> stages;
  std::vector<EdgeNode> edges;
  std::vector<ProgramDefinition> programs;
};

/// True if one of the stage's edges carries such items away.
bool gives_along(const Graph& graph, const StageNode& stage, Item item);

/// Mbufs that stages keep for long of a port's pool, beside what its driver's profile asks for.
uint32_t mbufs_held(const Graph& graph, const std::string& port);

/// The one port by which the frames on this edge leave; empty if they leave by none or may leave by several.
std::string port_ahead(const Graph& graph, size_t edge);

/// Whether each answer of each stage can leave by the port that its question came from.
Result<void> check_answers(const Graph& graph);

/// Resolves kinds, parses every stage's own configuration and checks that the edges fit together.
Result<Graph> make_graph(std::shared_ptr<const PipelineConfig> config);

/// Gives every stage an lcore: the one it asks for, or (`auto`) one near its port and near the stages before it.
/// `port_nodes`: NUMA node of each port of the configuration, in order. Notes say what was chosen against a wish.
Result<void> place(Graph& graph, const std::vector<LcorePlace>& lcores, const std::vector<int>& port_nodes,
                   std::vector<std::string>& notes);

/// The resolved graph for people, a line a stage and edge; and for Graphviz.
std::string describe(const Graph& graph, const std::vector<LcorePlace>& lcores);
std::string to_dot(const Graph& graph);

}  // namespace pfs
