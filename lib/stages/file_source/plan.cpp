#include <fmt/format.h>

#include "config/reader.hpp"
#include "stages/digest_key.hpp"
#include "stages/file_source/file_source.hpp"
#include "stages/file_source/frames_bound.hpp"

namespace pfs {
namespace {

constexpr uint64_t kGramBytesMax = 64 << 20;
constexpr uint64_t kFramesMax = 65535;  // what GRAM_END can count

constexpr size_t kFilesMax = 1024;  // each keeps a descriptor open, and processes often may have as many

struct FileSourcePlan final : StagePlan {
  FileSourceConfig source;
  std::vector<InputFile> files;
  [[nodiscard]] Result<void> check(const StageEnv& env) const override;
  [[nodiscard]] uint64_t mbufs_kept(const StageEnv& env) const override {
    return frames_bound(source.gram_bytes, env.port->payload_bytes());
  }
  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override;
};

Result<void> FileSourcePlan::check(const StageEnv& env) const {
  if (auto there = need_blob(env); !there) return there;
  for (const InputFile& file : files) {
    const FileUnit unit = {.name = file.name()};
    const uint32_t least = GramBuilder::least_payload({.session = 1}, &unit);
    if (env.port->payload_bytes() < least)
      return fail(env.where,
                  fmt::format("a frame of port '{}' has {} bytes for its payload, and a first frame takes {}",
                              env.port->name, env.port->payload_bytes(), least),
                  "give the driver a larger `mtu`, or the file a shorter name");
  }
  const uint64_t frames = frames_bound(source.gram_bytes, env.port->payload_bytes());
  if (frames > kFramesMax)
    return fail(env.where, fmt::format("a gram of {} bytes may take {} frames", source.gram_bytes, frames),
                fmt::format("a gram has at most {}; lower `gram_bytes`", kFramesMax));
  return {};
}

/// The index of the run's blob, which all stages that send files share: it is as large as a tenth of the blob. Called
/// by the one thread that makes stages.
Result<std::shared_ptr<const BlockIndex>> shared_index(const StageEnv& env) {
  static std::weak_ptr<const BlockIndex> last;
  static const uint8_t* indexed = nullptr;  // the blob of `last`
  if (std::shared_ptr<const BlockIndex> index = last.lock(); index && indexed == env.blob.data) return index;
  Result<BlockIndex> index = BlockIndex::build(env.blob, env.parallel_for);
  if (!index) return tl::unexpected(index.error());
  auto shared = std::make_shared<const BlockIndex>(std::move(*index));
  last = shared;
  indexed = env.blob.data;
  return shared;
}

Result<std::unique_ptr<Stage>> FileSourcePlan::create(const StageEnv& env) {
  auto known = std::make_shared<std::vector<KnownFile>>();
  known->reserve(files.size());
  for (InputFile& file : files) {
    Result<FileContents> contents = file.contents(env.control->ending_flag());
    if (!contents) return tl::unexpected(contents.error());
    known->push_back({.file = std::move(file), .contents = *contents});
  }
  Result<std::shared_ptr<const BlockIndex>> index = shared_index(env);
  if (!index) return tl::unexpected(index.error());
  return std::make_unique<FileSource>(env, source, std::move(known), std::move(*index));
}

/// The files that are to be sent, opened: those of `files`, which a `--set` puts in place of a pipeline's `file`.
Result<std::vector<InputFile>> open_files(Reader& reader) {
  const bool several = reader.has("files");
  const std::string_view key = several ? "files" : "file";
  std::vector<std::string> paths = reader.texts("files");
  if (const std::string path = reader.text("file", ""); !several && !path.empty()) paths = {path};
  if (several && paths.empty()) reader.reject("files", "`files` names no file", "name those that are to be sent");
  if (!several && paths.empty()) reader.missing("file", "add file: ..., or files: [...]");
  if (paths.size() > kFilesMax)
    reader.reject("files", fmt::format("names {} files", paths.size()), fmt::format("{} at most", kFilesMax));
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  std::vector<InputFile> files;
  for (const std::string& path : paths) {
    Result<InputFile> file = InputFile::open(path, reader.where(key));
    if (!file) return tl::unexpected(file.error());
    files.push_back(std::move(*file));
  }
  return files;
}

Result<std::unique_ptr<StagePlan>> parse(const StageConfig& config) {
  auto plan = std::make_unique<FileSourcePlan>();
  Reader reader(&config.node, "stage '" + config.name + "'");
  FileSourceConfig& source = plan->source;
  plan->blocks = true;
  plan->port = reader.required_text("port");
  source.stream = static_cast<uint16_t>(reader.number("stream", source.stream, 0, 65535));
  source.gram_bytes = reader.size("gram_bytes", source.gram_bytes, kIndexBlock, kGramBytesMax);
  source.digest = read_digest(reader, source.digest);
  source.prp = reader.flag("prp", source.prp);
  source.window_pow2 = static_cast<uint32_t>(reader.number("window_pow2", source.window_pow2, 0, 31));
  source.timeout_s = reader.number("timeout_s", source.timeout_s, 1, 86400);
  source.op = static_cast<uint8_t>(reader.number("op", source.op, 0, 255));
  if (source.gram_bytes % kIndexBlock != 0)
    reader.reject("gram_bytes", fmt::format("{} is not a multiple of {}", source.gram_bytes, kIndexBlock),
                  fmt::format("try {}", (source.gram_bytes / kIndexBlock + 1) * kIndexBlock));
  Result<std::vector<InputFile>> files = open_files(reader);
  if (!files) return tl::unexpected(files.error());
  plan->files = std::move(*files);
  return plan;
}

const RegisterStage kRegistered(
    {.name = "file_source", .takes = {Item::kFrame}, .gives = {Item::kFrame}, .optional_input = true, .parse = parse});

}  // namespace
}  // namespace pfs
