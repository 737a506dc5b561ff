#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/escape.hpp"
#include "config/reader.hpp"
#include "config/sections.hpp"
#include "config/words.hpp"

namespace pfs {

namespace {

constexpr uint64_t kMostLcore = 1023;
constexpr size_t kMostStages = 256;  // keeps the checks of edges, which compare names, quick

/// Divides a stage's keys: `kind` and `lcore` are ours, the rest is for the stage's create().
std::pair<Node, Node> divide(const Node& node) {
  Node ours{.kind = Node::Kind::kMap, .where = node.where};
  Node rest{.kind = Node::Kind::kMap, .where = node.where};
  for (const Field& field : node.fields)
    (field.key == "kind" || field.key == "lcore" ? ours : rest).fields.push_back(field);
  return {std::move(ours), std::move(rest)};
}

Result<void> check_port(const StageConfig& stage, std::span<const PortConfig> ports) {
  const Node* port = stage.node.find("port");
  if (port == nullptr) return {};
  if (port->kind != Node::Kind::kScalar)
    return fail(port->where, fmt::format("'port' of stage '{}' is not text", stage.name), "write a port's name");
  const std::vector<std::string_view> names = names_of(ports);
  for (const std::string_view name : names)
    if (name == port->text) return {};
  const std::string hint = names.empty() ? "add it under ports" : suggest(port->text, names, "the ports are");
  return fail(port->where, fmt::format("missing port {} in stage '{}'", quote(port->text), stage.name), hint);
}

Result<StageConfig> read_stage(const std::string& name, const Node& node) {
  const std::string what = fmt::format("stage '{}'", name);
  if (auto good = check_name("stage", name, node.where); !good) return tl::unexpected(good.error());
  if (node.kind != Node::Kind::kMap && node.kind != Node::Kind::kNull)
    return fail(node.where, fmt::format("{} is not a map", what), "write {kind: ...}");
  auto [ours, rest] = divide(node);
  StageConfig stage{.name = name, .where = node.where, .node = std::move(rest)};
  Reader reader(&ours, what);
  stage.kind = reader.required_text("kind");
  if (reader.text("lcore", "auto") != "auto") stage.lcore = static_cast<int>(reader.number("lcore", 0, 0, kMostLcore));
  if (auto done = reader.finish(); !done) {
    Error error = done.error();
    if (ours.find("lcore") != nullptr && error.where == ours.find("lcore")->where && reader.has("kind"))
      error.hint = fmt::format("it may be auto or 0 to {}", kMostLcore);
    return tl::unexpected(error);
  }
  return stage;
}

}  // namespace

Result<std::vector<StageConfig>> read_stages(const Node& node, std::span<const PortConfig> ports) {
  if (node.fields.size() > kMostStages) return fail(node.where, fmt::format("more than {} stages", kMostStages));
  std::vector<StageConfig> stages;
  for (const auto& [name, value] : node.fields) {
    auto stage = read_stage(name, value);
    if (!stage) return tl::unexpected(mind_misspelt(stage.error(), node, name, "kind"));
    if (auto good = check_port(*stage, ports); !good) return tl::unexpected(good.error());
    stages.push_back(std::move(*stage));
  }
  if (stages.empty()) return fail(node.where, "no stages", "name at least one under stages");
  return stages;
}

}  // namespace pfs
