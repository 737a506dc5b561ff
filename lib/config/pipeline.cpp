#include "config/pipeline.hpp"

#include <fmt/format.h>

#include "config/reader.hpp"
#include "config/sections.hpp"

namespace pfs {

namespace {

/// Moves a section's result into its place; the error, if there is one, goes to the caller.
template <class Value, class Place>
Result<void> put(Result<Value> read, Place& place) {
  if (!read) return tl::unexpected(read.error());
  place = std::move(*read);
  return {};
}

struct Sections {
  const Node* blob;
  const Node* ports;
  const Node* streams;
  const Node* programs;
  const Node* stages;
  const Node* edges;
  const Node* runtime;
};

Result<Sections> read_top(PipelineConfig& config) {
  Reader reader(&config.root, "pipeline");
  config.description = reader.text("description", {});
  const Sections sections{reader.map("blob"),   reader.map("ports"),  reader.map("streams"), reader.map("programs"),
                          reader.map("stages"), reader.list("edges"), reader.map("runtime")};
  if (sections.stages == nullptr) reader.missing("stages", "name at least one under stages");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return sections;
}

}  // namespace

Result<std::shared_ptr<const PipelineConfig>> check_pipeline(Node root, std::string path) {
  auto config = std::make_shared<PipelineConfig>();
  config->path = std::move(path);
  config->root = std::move(root);
  const Result<Sections> top = read_top(*config);
  if (!top) return tl::unexpected(top.error());
  const Node empty;
  const auto or_empty = [&](const Node* node) -> const Node& { return node == nullptr ? empty : *node; };
  Result<void> good;
  if (top->blob != nullptr) good = put(read_blob(*top->blob), config->blob);
  if (good) good = put(read_ports(or_empty(top->ports)), config->ports);
  if (good) good = put(read_streams(or_empty(top->streams)), config->streams);
  if (good) good = put(read_programs(or_empty(top->programs)), config->programs);
  if (good) good = put(read_stages(*top->stages, config->ports), config->stages);
  if (good) good = put(read_edges(or_empty(top->edges), config->stages), config->edges);
  if (good) good = put(read_runtime(or_empty(top->runtime)), config->runtime);
  if (!good) return tl::unexpected(good.error());
  return config;
}

Result<std::shared_ptr<const PipelineConfig>> load_pipeline(const std::string& path,
                                                            const std::vector<std::string>& sets) {
  Result<Node> root = load_yaml(path);
  if (!root) return tl::unexpected(root.error());
  for (const std::string& assignment : sets)
    if (auto done = set_value(*root, assignment); !done) return tl::unexpected(done.error());
  return check_pipeline(std::move(*root), path);
}

}  // namespace pfs
