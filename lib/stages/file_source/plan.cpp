#include <fmt/format.h>

#include "config/reader.hpp"
#include "stages/digest_key.hpp"
#include "stages/file_source/file_source.hpp"
#include "stages/file_source/frames_bound.hpp"

namespace pfs {
namespace {

constexpr uint64_t kGramBytesMax = 64 << 20;
constexpr uint64_t kFramesMax = 65535;  // what GRAM_END can count

struct FileSourcePlan final : StagePlan {
  FileSourceConfig source;
  std::shared_ptr<const InputFile> file;
  [[nodiscard]] Result<void> check(const StageEnv& env) const override;
  [[nodiscard]] uint64_t mbufs_kept(const StageEnv& env) const override {
    return frames_bound(source.gram_bytes, env.port->payload_bytes());
  }
  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override;
};

Result<void> FileSourcePlan::check(const StageEnv& env) const {
  if (auto there = need_blob(env); !there) return there;
  const FileUnit unit = {.name = file->name()};
  const uint32_t least = GramBuilder::least_payload({.session = 1}, &unit);
  if (env.port->payload_bytes() < least)
    return fail(env.where,
                fmt::format("a frame of port '{}' has {} bytes for its payload, and a first frame takes {}",
                            env.port->name, env.port->payload_bytes(), least),
                "give the driver a larger `mtu`, or the file a shorter name");
  const uint64_t frames = frames_bound(source.gram_bytes, env.port->payload_bytes());
  if (frames > kFramesMax)
    return fail(env.where, fmt::format("a gram of {} bytes may take {} frames", source.gram_bytes, frames),
                fmt::format("a gram has at most {}; lower `gram_bytes`", kFramesMax));
  return {};
}

Result<std::unique_ptr<Stage>> FileSourcePlan::create(const StageEnv& env) {
  Result<FileContents> contents = file->contents(env.control->ending_flag());
  if (!contents) return tl::unexpected(contents.error());
  Result<BlockIndex> index = BlockIndex::build(env.blob, env.parallel_for);
  if (!index) return tl::unexpected(index.error());
  return std::make_unique<FileSource>(env, source, file, *contents, std::move(*index));
}

Result<std::unique_ptr<StagePlan>> parse(const StageConfig& config) {
  auto plan = std::make_unique<FileSourcePlan>();
  Reader reader(&config.node, "stage '" + config.name + "'");
  FileSourceConfig& source = plan->source;
  plan->blocks = true;
  plan->port = reader.required_text("port");
  const std::string path = reader.required_text("file");
  source.stream = static_cast<uint16_t>(reader.number("stream", source.stream, 0, 65535));
  source.gram_bytes = reader.size("gram_bytes", source.gram_bytes, kIndexBlock, kGramBytesMax);
  source.digest = read_digest(reader, source.digest);
  source.prp = reader.flag("prp", source.prp);
  source.window_pow2 = static_cast<uint32_t>(reader.number("window_pow2", source.window_pow2, 0, 31));
  source.window = static_cast<uint32_t>(reader.number("window", source.window, 1, 1 << 20));
  source.timeout_s = reader.number("timeout_s", source.timeout_s, 1, 86400);
  source.op = static_cast<uint8_t>(reader.number("op", source.op, 0, 255));
  if (source.gram_bytes % kIndexBlock != 0)
    reader.reject("gram_bytes", fmt::format("{} is not a multiple of {}", source.gram_bytes, kIndexBlock),
                  fmt::format("try {}", (source.gram_bytes / kIndexBlock + 1) * kIndexBlock));
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());

  Result<InputFile> file = InputFile::open(path, reader.where("file"));
  if (!file) return tl::unexpected(file.error());
  plan->file = std::make_shared<const InputFile>(std::move(*file));
  return plan;
}

const RegisterStage kRegistered(
    {.name = "file_source", .takes = {Item::kFrame}, .gives = {Item::kFrame}, .optional_input = true, .parse = parse});

}  // namespace
}  // namespace pfs
