#include <fmt/format.h>

#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/sha256.hpp"
#include "capture/kind.hpp"
#include "command.hpp"
#include "gram/building/builder.hpp"
#include "session.hpp"
#include "session_json.hpp"
#include "vectors.hpp"

namespace pfs {
namespace {

using nlohmann::json;

constexpr uint32_t kMtuDefault = 1500;  // bytes
constexpr const char* kDescriptorHint = "give [0, offset, length], a range of the blob";

/// Keeps the frames of a gram as hexadecimal.
class HexSink : public FrameSink {
 public:
  explicit HexSink(uint32_t mtu) : room_(mtu) {}

  std::span<uint8_t> open() noexcept override { return room_; }
  void close(uint32_t bytes, uint64_t /*denoted*/) noexcept override {
    if (bytes > 0) payloads_.push_back(to_hex({room_.data(), bytes}));
  }
  [[nodiscard]] const std::vector<std::string>& payloads() const noexcept { return payloads_; }

 private:
  std::vector<uint8_t> room_;
  std::vector<std::string> payloads_;
};

Result<Descriptor> read_descriptor(const json& item, const Layout& layout, const std::string& where) {
  const bool triple = item.is_array() && item.size() == 3 && item[0].is_number_unsigned() &&
                      item[1].is_number_unsigned() && item[2].is_number_unsigned();
  if (!triple) return fail(where, "not three whole numbers", kDescriptorHint);
  if (item[0] == 1) return fail(where, "a range of the slab, whose bytes are not here", kDescriptorHint);
  if (item[0] != 0) return fail(where, fmt::format("space {} does not exist", item[0].dump()), kDescriptorHint);
  const auto offset = item[1].get<uint64_t>();
  const auto length = item[2].get<uint64_t>();
  if (length == 0) return fail(where, "a range of no bytes", "leave it out");
  if (!inside(offset, length, layout.size)) {
    return fail(
        where, fmt::format("bytes {} to {} + {} do not lie in a blob of {} bytes", offset, offset, length, layout.size),
        "correct the range, or the layout's size");
  }
  return blob_range(offset, length);
}

Result<std::vector<Descriptor>> read_descriptors(const json& row, const Layout& layout, const std::string& where) {
  const auto list = row.find("descriptors");
  if (list == row.end() || !list->is_array()) {
    return fail(where, "no list \"descriptors\" in the row", "add [[0, offset, length], ...]");
  }
  std::vector<Descriptor> descriptors;
  descriptors.reserve(list->size());
  for (const json& item : *list) {
    const auto descriptor =
        read_descriptor(item, layout, fmt::format("{}: descriptor {}", where, descriptors.size() + 1));
    if (!descriptor) return tl::unexpected(descriptor.error());
    descriptors.push_back(*descriptor);
  }
  return descriptors;
}

void print_row(const std::string& name, const std::vector<std::string>& payloads) {
  fmt::memory_buffer line;
  fmt::format_to(std::back_inserter(line), R"({{"name":{},"payloads":[)", json_string(name));
  const char* comma = "";
  for (const std::string& payload : payloads) {
    fmt::format_to(std::back_inserter(line), "{}\"{}\"", comma, payload);
    comma = ",";
  }
  fmt::format_to(std::back_inserter(line), "]}}\n");
  (void)std::fwrite(line.data(), 1, line.size(), stdout);
}

/// Encodes rows. A builder is kept from row to row while the mtu stays the same, because its planner takes much memory.
class Encoder {
 public:
  explicit Encoder(const Session& session) : session_(session) {}

  Result<void> encode(const json& row, const std::string& where) {
    const auto name = string_field(row, "name", where);
    if (!name) return tl::unexpected(name.error());
    if (row.contains("session")) return encode_session(*name, row, where);
    BuilderConfig config{.payload_bytes = kMtuDefault, .window_pow2 = session_.window_pow2, .smallest = true};
    if (row.contains("mtu")) {
      const auto mtu = number_field(row, "mtu", std::numeric_limits<uint32_t>::max(), where);
      if (!mtu) return tl::unexpected(mtu.error());
      config.payload_bytes = static_cast<uint32_t>(*mtu);
    }
    const uint32_t least = GramBuilder::least_payload(config, nullptr);
    if (config.payload_bytes < least) {
      return fail(where, fmt::format("mtu {} is too small for a frame", config.payload_bytes),
                  fmt::format("give at least {}", least));
    }
    const auto descriptors = read_descriptors(row, session_.layout, where);
    if (!descriptors) return tl::unexpected(descriptors.error());
    if (!builder_ || config.payload_bytes != mtu_) builder_.emplace(config, BlobView{.layout = session_.layout});
    mtu_ = config.payload_bytes;
    builder_->restart();  // each row is a stream of its own
    HexSink sink(std::min(config.payload_bytes, kPayloadMax));
    if (!builder_->build({.pieces = *descriptors}, sink)) {
      return fail(where,
                  fmt::format("the gram cannot be cut into at most 65535 frames of {} bytes", config.payload_bytes),
                  "raise the mtu");
    }
    print_row(*name, sink.payloads());
    return {};
  }

 private:
  static Result<void> encode_session(const std::string& name, const json& row, const std::string& where) {
    const auto payload = session_payload(row, where);
    if (!payload) return tl::unexpected(payload.error());
    print_row(name, {to_hex(*payload)});
    return {};
  }

  static constexpr uint32_t kPayloadMax = kFrameHeaderBytes + 65535;  // bytes; the header's length field has 16 bits

  Session session_;
  std::optional<GramBuilder> builder_;
  uint32_t mtu_ = 0;
};

Result<void> encode_rows(const std::string& path) {
  auto input = Input::open(path);
  if (!input) return tl::unexpected(input.error());
  const auto kind = tell_kind(*input);
  if (!kind) return tl::unexpected(kind.error());
  if (*kind != FileKind::kJson) return tl::unexpected(wrong_kind(*input, "rows (JSON lines)"));
  JsonLines lines(std::move(*input));
  const auto session = read_session(lines);
  if (!session) return tl::unexpected(session.error());
  Encoder encoder(*session);
  json row;
  while (true) {
    const auto found = lines.next(row);
    if (!found) return tl::unexpected(found.error());
    if (!*found) return {};
    if (auto done = encoder.encode(row, lines.where()); !done) return done;
  }
}

}  // namespace

void add_encode(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand(
      "encode", "Lists of ranges to the fewest bytes of frames, one gram each; and frames of sessions.");
  auto path = std::make_shared<std::string>();
  command
      ->add_option("FILE", *path,
                   "JSON lines: the layout (as in vectors; \"window_pow2\" may stand beside it), then rows "
                   "{\"name\", \"mtu\" (1500), \"descriptors\": [[0, offset, length], ...]}, or {\"name\", \"header\", "
                   "\"session\"} as decode prints them of a session's frame; - is stdin")
      ->required();
  command->callback([&chosen, path] {
    chosen = [path] {
      const auto done = encode_rows(*path);
      const auto written = finish_output();
      return done ? written : done;
    };
  });
}

}  // namespace pfs
