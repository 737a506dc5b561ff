#include "check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/escape.hpp"
#include "base/units.hpp"
#include "dpdk/memory.hpp"
#include "machine/cpus.hpp"
#include "machine/inspect.hpp"
#include "prepare.hpp"

namespace pfs {
namespace {

using Grade = Finding::Grade;

Finding of_error(const Error& error) {
  return {Grade::kChange, error.where.empty() ? "pipeline" : error.where, error.what, error.hint};
}

/// Stages with an lcore of their choice: EAL maps lcores to CPUs, one for each unless --lcores says otherwise.
Finding inspect_lcores(const Tree& tree, const Graph& graph) {
  std::set<int> chosen;
  for (const StageConfig& stage : graph.config->stages)
    if (stage.lcore != kLcoreAuto) chosen.insert(stage.lcore);
  const size_t cpus = read_cpus(tree).allowed.size();
  const std::string what = fmt::format("{} lcores are chosen, {} CPUs are allowed", chosen.size(), cpus);
  if (chosen.size() <= cpus || graph.config->runtime.share_cpu) return {Grade::kGood, "lcores", what, ""};
  return {Grade::kChange, "lcores", what, "put stages together on one lcore, or --set runtime.share_cpu=true"};
}

void inspect_pipeline(const Tree& tree, const CommandLine& line, std::vector<Finding>& found) {
  const Result<Prepared> planned = plan(line);
  if (!planned) return found.push_back(of_error(planned.error()));
  if (auto enough = check_memory(tree, planned->eal, planned->bytes); !enough)
    found.push_back(of_error(enough.error()));
  else
    found.push_back({Grade::kGood, planned->eal.no_huge ? "memory" : "hugepages",
                     fmt::format("the pipeline needs {} at most", format_bytes(planned->bytes)), ""});
  found.push_back(inspect_lcores(tree, planned->graph));
  for (const PortConfig& port : planned->graph.config->ports) found.push_back(inspect_device(tree, port.device));
}

}  // namespace

Exit check(const CommandLine& line) {
  const Tree tree;
  const Result<EalArguments> eal = read_eal_arguments(line.eal);
  std::vector<Finding> found = inspect_machine(tree, !eal || !eal->no_huge);
  if (!line.options.pipeline.empty())
    inspect_pipeline(tree, line, found);
  else if (!eal)
    found.push_back(of_error(eal.error()));
  for (const Finding& finding : found) fmt::print("{}\n", escape(finding.line()));
  const auto count = [&](Grade grade) {
    return std::count_if(found.begin(), found.end(), [&](const Finding& finding) { return finding.grade == grade; });
  };
  fmt::print("{} to change, {} to consider\n", count(Grade::kChange), count(Grade::kAdvice));
  return count(Grade::kChange) == 0 ? Exit::kDone : Exit::kFailed;
}

}  // namespace pfs
