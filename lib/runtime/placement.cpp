#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/graph.hpp"

namespace pfs {
namespace {

bool contains(const std::vector<LcorePlace>& lcores, unsigned lcore) {
  return std::any_of(lcores.begin(), lcores.end(), [&](const LcorePlace& p) { return p.lcore == lcore; });
}

std::string list(const std::vector<LcorePlace>& lcores) {
  std::string text;
  for (const LcorePlace& place : lcores) text += fmt::format("{}{}", text.empty() ? "" : ", ", place.lcore);
  return text;
}

class Placer {
 public:
  Placer(Graph& graph, const std::vector<LcorePlace>& lcores, const std::vector<int>& port_nodes,
         std::vector<std::string>& notes)
      : graph_(graph), lcores_(lcores), port_nodes_(port_nodes), notes_(notes) {}

  Result<void> run() {
    for (StageNode& stage : graph_.stages) {
      if (stage.config->lcore == kLcoreAuto) continue;
      stage.lcore = static_cast<unsigned>(stage.config->lcore);
      if (!contains(lcores_, stage.lcore))
        return fail(
            stage.config->where,
            fmt::format("stage '{}' asks for lcore {}, which EAL does not have", stage.config->name, stage.lcore),
            fmt::format("lcores here: {}; see EAL's -l or --lcores", list(lcores_)));
      used_.insert(stage.lcore);
    }
    for (StageNode& stage : graph_.stages)
      if (stage.config->lcore == kLcoreAuto) choose(stage);
    if (auto together = check_partners(); !together) return together;
    return check_sharing();
  }

 private:
  /// Run to completion by default: a stage joins the one that feeds it. Those that feed themselves, and those that may
  /// wait for a disk, get an lcore of their own while there are any.
  void choose(StageNode& stage) {
    if (const StageNode* partner = partner_of(stage); partner != nullptr) {
      stage.lcore = partner->lcore;
      return;
    }
    const StageNode* feeder = stage.inputs.empty() ? nullptr : &graph_.stages[graph_.edges[stage.inputs.front()].from];
    const LcorePlace* fresh =
        feeder == nullptr || stage.plan->blocks ? best_unused(wanted_node(stage, feeder), feeder) : nullptr;
    if (fresh != nullptr)
      stage.lcore = fresh->lcore;
    else if (feeder != nullptr)
      stage.lcore = feeder->lcore;
    else
      stage.lcore = used_.empty() ? lcores_.front().lcore : *used_.rbegin();
    used_.insert(stage.lcore);
  }

  /// Stands before the stage in the graph's order, so it has its lcore already.
  const StageNode* partner_of(const StageNode& stage) const {
    for (const StageNode& other : graph_.stages)
      if (!stage.plan->partner.empty() && other.config->name == stage.plan->partner) return &other;
    return nullptr;
  }

  Result<void> check_partners() const {
    for (const StageNode& stage : graph_.stages) {
      const StageNode* partner = partner_of(stage);
      if (partner == nullptr || partner->lcore == stage.lcore) continue;
      return fail(stage.config->where,
                  fmt::format("stages '{}' and '{}' share a session's state and are on lcores {} and {}",
                              partner->config->name, stage.config->name, partner->lcore, stage.lcore),
                  "put them on one lcore");
    }
    return {};
  }

  /// A stage's lcore: it is one of EAL's.
  const LcorePlace& at(unsigned lcore) const {
    return *std::find_if(lcores_.begin(), lcores_.end(), [&](const LcorePlace& p) { return p.lcore == lcore; });
  }

  int wanted_node(const StageNode& stage, const StageNode* feeder) const {
    const auto& ports = graph_.config->ports;
    for (size_t i = 0; i < ports.size(); ++i)
      if (ports[i].name == stage.plan->port) return port_nodes_[i];
    return feeder == nullptr ? lcores_.front().node : at(feeder->lcore).node;
  }

  /// An lcore nobody uses, on a CPU nobody uses: on the wanted NUMA node, sharing caches with the feeder, not the main
  /// lcore, in this order of weight. nullptr if there is none.
  const LcorePlace* best_unused(int node, const StageNode* feeder) {
    const LcorePlace* near = feeder == nullptr ? nullptr : &at(feeder->lcore);
    const LcorePlace* best = nullptr;
    int best_score = -1;
    for (const LcorePlace& place : lcores_) {
      if (used_.contains(place.lcore) || shares_with_used(place)) continue;
      const int score = 8 * (place.node == node) + 4 * (near != nullptr && place.l3 == near->l3) +
                        2 * !same_core_as_used(place) + !place.main;
      if (score > best_score) best = &place, best_score = score;
    }
    if (best != nullptr && best->node != node)
      notes_.push_back(fmt::format("lcore {} is on NUMA node {}, the port on {}: no lcore is left there", best->lcore,
                                   best->node, node));
    return best;
  }

  bool shares_with_used(const LcorePlace& place) const {
    return std::any_of(used_.begin(), used_.end(), [&](unsigned lcore) { return share_cpu(place, at(lcore)); });
  }

  bool same_core_as_used(const LcorePlace& place) const {
    return std::any_of(used_.begin(), used_.end(), [&](unsigned lcore) { return at(lcore).core == place.core; });
  }

  const StageNode& first_on(unsigned lcore) const {
    return *std::find_if(graph_.stages.begin(), graph_.stages.end(),
                         [&](const StageNode& s) { return s.lcore == lcore; });
  }

  /// Never two spinning threads on one CPU, unless the file says so.
  Result<void> check_sharing() {
    const RuntimeConfig& runtime = graph_.config->runtime;
    for (const unsigned a : used_) {
      for (const unsigned b : used_) {
        if (a >= b || !share_cpu(at(a), at(b))) continue;
        const std::string what = fmt::format("lcores {} ('{}') and {} ('{}') share a CPU", a, first_on(a).config->name,
                                             b, first_on(b).config->name);
        if (runtime.idle == RuntimeConfig::Idle::kPoll && !runtime.share_cpu)
          return fail(first_on(b).config->where, what + " and both would poll on it",
                      "put them on one lcore, give EAL another CPU, or say so: --set runtime.share_cpu=true or "
                      "runtime.idle=pause");
        notes_.push_back(what);
      }
    }
    return {};
  }

  Graph& graph_;
  const std::vector<LcorePlace>& lcores_;
  const std::vector<int>& port_nodes_;
  std::vector<std::string>& notes_;
  std::set<unsigned> used_;
};

}  // namespace

Result<void> place(Graph& graph, const std::vector<LcorePlace>& lcores, const std::vector<int>& port_nodes,
                   std::vector<std::string>& notes) {
  return Placer(graph, lcores, port_nodes, notes).run();
}

}  // namespace pfs
