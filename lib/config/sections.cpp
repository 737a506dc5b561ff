#include "config/sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cctype>

#include "base/escape.hpp"
#include "base/numbers.hpp"
#include "base/units.hpp"
#include "config/driver.hpp"
#include "config/reader.hpp"
#include "config/words.hpp"

namespace pfs {

namespace {

constexpr uint64_t kLeastBlob = 2 * kMiB;      // BLOB.md: the first MiB is header, L1 and L2
constexpr uint64_t kMostBlob = 16'384 * kGiB;  // far above any machine; what fits is for the runtime to say
constexpr uint64_t kMostWaitMs = 600'000;
constexpr size_t kMostPorts = 32;  // RTE_MAX_ETHPORTS
constexpr size_t kMostStreams = 4096;
constexpr uint64_t kLeastProgram = 64;  // KERNELS.md: below stand the kernels of the protocol

Result<BlobConfig::Writable> read_writable(const Node& node, size_t index, uint64_t blob_size) {
  const std::string what = fmt::format("writable range {}", index);
  Reader reader(&node, what);
  BlobConfig::Writable range;
  range.stream = static_cast<uint16_t>(reader.number("stream", 0, 0, UINT16_MAX));
  range.offset = reader.size("offset", 0, 0, kMostBlob);
  range.length = reader.size("length", 0, 1, kMostBlob);
  if (!reader.has("length")) reader.missing("length", "add length: 64KiB");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  if (range.offset > blob_size || range.length > blob_size - range.offset)
    return fail(node.where, fmt::format("{} (offset {}, length {}) leaves the blob", what, range.offset, range.length),
                fmt::format("the blob ends at {}", blob_size));
  return range;
}

Result<BareConfig> read_bare(const Node& node, const std::string& what) {
  Reader reader(&node, what);
  BareConfig bare;
  bare.stream = static_cast<uint16_t>(reader.number("stream", 0, 0, UINT16_MAX));
  bare.op = static_cast<uint8_t>(reader.number("op", 0, 0, UINT8_MAX));
  bare.crc = reader.flag("crc", true);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return bare;
}

Result<PortConfig> read_port(const std::string& name, const Node& node) {
  const std::string what = fmt::format("port '{}'", name);
  if (auto good = check_name("port", name, node.where); !good) return tl::unexpected(good.error());
  Reader reader(&node, what);
  PortConfig port;
  port.name = name;
  port.where = node.where;
  port.device = reader.required_text("device");
  const std::string peer = reader.text("peer", {});
  port.link_wait_ms = reader.number("link_wait_ms", 0, 0, kMostWaitMs);
  using Link = PortConfig::Link;
  port.link = reader.choice("link", Link::kEnd, {{"end", Link::kEnd}, {"wait", Link::kWait}});
  port.promiscuous = reader.flag("promiscuous", true);
  port.driver = reader.map("driver");
  const Node* bare = reader.map("bare");
  if (reader.has("device") && port.device.empty())
    reader.reject("device", fmt::format("'device' of {} is empty", what),
                  "write a port number, a PCI address or a vdev's name");
  port.peer = parse_mac(peer);
  if (!peer.empty() && !port.peer)
    reader.reject("peer", fmt::format("'peer' of {} is {}, not a MAC address", what, quote(peer)),
                  "write it as \"52:54:00:00:00:02\"");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  if (auto good = check_driver_overrides(port.driver, fmt::format("driver of {}", what)); !good)
    return tl::unexpected(good.error());
  if (bare == nullptr) return port;
  auto read = read_bare(*bare, fmt::format("bare of {}", what));
  if (!read) return tl::unexpected(read.error());
  port.bare = *read;
  return port;
}

}  // namespace

Result<void> check_name(std::string_view what, const std::string& name, const std::string& where) {
  const auto plain = [](unsigned char letter) { return std::isalnum(letter) != 0 || letter == '_' || letter == '-'; };
  if (!name.empty() && std::all_of(name.begin(), name.end(), plain)) return {};
  return fail(where, fmt::format("{} is no name for a {}", quote(name), what), "use letters, digits, _ and -");
}

Error mind_misspelt(Error error, const Node& section, std::string_view name, std::string_view required) {
  const Node* made = section.find(name);
  if (made == nullptr || made->find(required) != nullptr || !made->where.starts_with("--set")) return error;
  std::vector<std::string_view> others;
  for (const auto& [key, value] : section.fields)
    if (key != name) others.push_back(key);
  if (!others.empty()) error.hint = suggest(name, others, "there are");
  return error;
}

Result<BlobConfig> read_blob(const Node& node) {
  Reader reader(&node, "blob");
  BlobConfig blob;
  blob.where = node.where;
  blob.size = reader.size("size", 0, kLeastBlob, kMostBlob);
  blob.seed = reader.number("seed", 0, 0, UINT64_MAX);
  blob.block = static_cast<uint32_t>(reader.size("block", 64, 64, 65'536));
  blob.files = reader.texts("files");
  blob.files_where = reader.where("files");
  const Node* writable = reader.list("writable");
  if (!reader.has("size")) reader.missing("size", "add size: 64MiB");
  if (blob.size % kMiB != 0)
    reader.reject("size", fmt::format("'size' of blob is {} bytes, not a multiple of 1 MiB", blob.size),
                  fmt::format("try {}MiB", blob.size / kMiB + 1));
  if (!std::has_single_bit(blob.block))
    reader.reject("block", fmt::format("'block' of blob is {}, not a power of two", blob.block),
                  fmt::format("try {}", std::bit_ceil(blob.block)));
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  for (size_t index = 0; writable != nullptr && index < writable->items.size(); ++index) {
    auto range = read_writable(writable->items[index], index, blob.size);
    if (!range) return tl::unexpected(range.error());
    blob.writable.push_back(*range);
  }
  return blob;
}

Result<std::vector<PortConfig>> read_ports(const Node& node) {
  if (node.fields.size() > kMostPorts) return fail(node.where, fmt::format("more than {} ports", kMostPorts));
  std::vector<PortConfig> ports;
  for (const auto& [name, value] : node.fields) {
    auto port = read_port(name, value);
    if (!port) return tl::unexpected(mind_misspelt(port.error(), node, name, "device"));
    for (const PortConfig& other : ports)
      if (other.device == port->device)
        return fail(port->where,
                    fmt::format("ports '{}' and '{}' both are device {}", other.name, name, quote(port->device)),
                    "give each its own");
    ports.push_back(std::move(*port));
  }
  return ports;
}

Result<std::vector<StreamEntry>> read_streams(const Node& node) {
  if (node.fields.size() > kMostStreams) return fail(node.where, fmt::format("more than {} streams", kMostStreams));
  std::vector<StreamEntry> streams;
  for (const auto& [name, value] : node.fields) {
    const Result<uint64_t> id = parse_whole(name);
    if (!id || *id > UINT16_MAX)
      return fail(value.where, fmt::format("{} is no stream", quote(name)), "streams are numbered 0 to 65535");
    Reader reader(&value, fmt::format("stream {}", *id));
    StreamEntry stream;
    stream.id = static_cast<uint16_t>(*id);
    stream.key = static_cast<uint32_t>(reader.number("key", 0, 0, UINT32_MAX));
    if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
    for (const StreamEntry& other : streams)
      if (other.id == stream.id)
        return fail(value.where, fmt::format("stream {} stands twice", stream.id), "keep one of them");
    streams.push_back(stream);
  }
  return streams;
}

Result<std::vector<ProgramConfig>> read_programs(const Node& node) {
  Reader reader(&node, "programs");
  std::vector<ProgramConfig> programs;
  for (const auto& [name, value] : node.fields) {
    const Result<uint64_t> op = parse_whole(name);
    if (!op || *op < kLeastProgram || *op > UINT8_MAX)
      return fail(value.where, fmt::format("{} is no program", quote(name)),
                  fmt::format("programs are the ops {} to 255", kLeastProgram));
    programs.push_back({static_cast<uint8_t>(*op), value.where, reader.texts(name)});
    for (size_t other = 0; other + 1 < programs.size(); ++other)
      if (programs[other].op == *op)
        return fail(value.where, fmt::format("program {} stands twice", *op), "keep one of them");
  }
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return programs;
}

Result<RuntimeConfig> read_runtime(const Node& node) {
  Reader reader(&node, "runtime");
  RuntimeConfig runtime;
  using Idle = RuntimeConfig::Idle;
  runtime.idle = reader.choice("idle", Idle::kPoll, {{"poll", Idle::kPoll}, {"pause", Idle::kPause}});
  runtime.share_cpu = reader.flag("share_cpu", false);
  using Jit = RuntimeConfig::Jit;
  runtime.jit = reader.choice("jit", Jit::kAuto, {{"auto", Jit::kAuto}, {"on", Jit::kOn}, {"off", Jit::kOff}});
  runtime.jit_where = reader.where("jit");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return runtime;
}

}  // namespace pfs
