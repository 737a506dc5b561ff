#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>

#include "base/escape.hpp"
#include "config/reader.hpp"
#include "config/sections.hpp"
#include "config/words.hpp"

namespace pfs {

namespace {

constexpr uint32_t kLeastSlots = 64;        // two bursts of 32: one being filled while one is taken
constexpr uint32_t kMostSlots = 1'048'576;  // 8 MiB of pointers
constexpr size_t kMostEdges = 1024;

/// `rx -> asm`, or `rx -> asm0, asm1`.
std::string title(const EdgeConfig& edge) { return fmt::format("{} -> {}", edge.from, fmt::join(edge.to, ", ")); }

Result<EdgeConfig> read_edge(const Node& node, size_t index) {
  Reader reader(&node, fmt::format("edge {}", index));
  EdgeConfig edge;
  edge.where = node.where;
  using Full = EdgeConfig::Full;
  using Spread = EdgeConfig::Spread;
  edge.from = reader.required_text("from");
  edge.to = reader.texts("to");
  edge.slots = static_cast<uint32_t>(reader.number("slots", edge.slots, kLeastSlots, kMostSlots));
  edge.full = reader.choice("full", Full::kHold, {{"hold", Full::kHold}, {"drop", Full::kDrop}});
  edge.spread = reader.choice("spread", Spread::kStream, {{"stream", Spread::kStream}, {"turn", Spread::kTurn}});
  if (edge.to.empty()) reader.missing("to", "name the stages it leads to");
  if (!std::has_single_bit(edge.slots))
    reader.reject("slots", fmt::format("ring {} has {} slots, not a power of two", quote(title(edge)), edge.slots),
                  fmt::format("try {}", std::bit_ceil(edge.slots)));
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return edge;
}

Result<void> check_stage(const std::string& name, const EdgeConfig& edge, std::span<const std::string_view> stages) {
  if (std::find(stages.begin(), stages.end(), name) != stages.end()) return {};
  return fail(edge.where, fmt::format("edge {} names a stage that is not there: {}", quote(title(edge)), quote(name)),
              suggest(name, stages, "the stages are"));
}

/// An edge against the stages there are and the edges before it.
Result<void> check_edge(const EdgeConfig& edge, std::span<const std::string_view> stages,
                        std::span<const EdgeConfig> before) {
  if (auto good = check_stage(edge.from, edge, stages); !good) return good;
  for (size_t index = 0; index < edge.to.size(); ++index) {
    const std::string& to = edge.to[index];
    if (auto good = check_stage(to, edge, stages); !good) return good;
    if (to == edge.from)
      return fail(edge.where, fmt::format("edge {} leads a stage to itself", quote(title(edge))), "remove it");
    const auto end = edge.to.begin() + static_cast<std::ptrdiff_t>(index);
    bool twice = std::find(edge.to.begin(), end, to) != end;
    for (const EdgeConfig& other : before)
      twice = twice || (other.from == edge.from && std::find(other.to.begin(), other.to.end(), to) != other.to.end());
    if (twice) return fail(edge.where, fmt::format("edge '{} -> {}' stands twice", edge.from, to), "keep one of them");
  }
  return {};
}

/// Depth-first search for a way from a stage back to itself. Its stack is its own, not the thread's.
class CycleSearch {
 public:
  CycleSearch(std::span<const std::string_view> stages, std::span<const EdgeConfig> edges)
      : stages_(stages), next_(stages.size()), state_(stages.size(), State::kNew) {
    for (const EdgeConfig& edge : edges)
      for (const std::string& to : edge.to) next_[index_of(edge.from)].push_back({index_of(to), &edge});
  }

  Result<void> run() {
    for (size_t stage = 0; stage < stages_.size(); ++stage)
      if (state_[stage] == State::kNew)
        if (auto good = walk(stage); !good) return good;
    return {};
  }

 private:
  enum class State { kNew, kOnPath, kDone };
  struct Way {
    size_t to;
    const EdgeConfig* edge;
  };
  struct Step {
    size_t stage;
    size_t taken;  // of its ways
  };

  [[nodiscard]] size_t index_of(std::string_view name) const {
    return static_cast<size_t>(std::find(stages_.begin(), stages_.end(), name) - stages_.begin());
  }

  Result<void> walk(size_t start) {
    std::vector<Step> path{{start, 0}};
    state_[start] = State::kOnPath;
    while (!path.empty()) {
      Step& step = path.back();
      if (step.taken == next_[step.stage].size()) {
        state_[step.stage] = State::kDone;
        path.pop_back();
        continue;
      }
      const Way way = next_[step.stage][step.taken++];
      if (state_[way.to] == State::kOnPath) return report(path, way);
      if (state_[way.to] == State::kDone) continue;
      state_[way.to] = State::kOnPath;
      path.push_back({way.to, 0});
    }
    return {};
  }

  [[nodiscard]] Result<void> report(std::span<const Step> path, const Way& closing) const {
    std::vector<std::string_view> names;
    for (const Step& step : path)
      if (!names.empty() || step.stage == closing.to) names.push_back(stages_[step.stage]);
    names.push_back(stages_[closing.to]);
    return fail(closing.edge->where, fmt::format("stage cycle: {}", fmt::join(names, " -> ")),
                "remove one of its edges");
  }

  std::span<const std::string_view> stages_;
  std::vector<std::vector<Way>> next_;
  std::vector<State> state_;
};

}  // namespace

Result<std::vector<EdgeConfig>> read_edges(const Node& node, std::span<const StageConfig> stages) {
  if (node.items.size() > kMostEdges) return fail(node.where, fmt::format("more than {} edges", kMostEdges));
  const std::vector<std::string_view> names = names_of(stages);
  std::vector<EdgeConfig> edges;
  for (size_t index = 0; index < node.items.size(); ++index) {
    auto edge = read_edge(node.items[index], index);
    if (!edge) return tl::unexpected(edge.error());
    if (auto good = check_edge(*edge, names, edges); !good) return tl::unexpected(good.error());
    edges.push_back(std::move(*edge));
  }
  if (auto good = CycleSearch(names, edges).run(); !good) return tl::unexpected(good.error());
  return edges;
}

}  // namespace pfs
