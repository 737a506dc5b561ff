#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "capture/capture.hpp"
#include "command.hpp"
#include "denoter.hpp"
#include "session.hpp"
#include "session_json.hpp"
#include "text.hpp"
#include "vectors.hpp"
#include "wire/ethernet.hpp"
#include "wire/session_units.hpp"

namespace pfs {
namespace {

constexpr size_t kPayloadMax = size_t{16} << 20;  // bytes; no frame is nearly as long, and 32 bits can count them

struct DecodeOptions {
  std::string file;
  std::string layout;
  std::string key;
  bool bare_crc = true;
  bool text = false;
};

void append_header(fmt::memory_buffer& line, const FrameHeader& header) {
  fmt::format_to(std::back_inserter(line),
                 R"("header":{{"flags":{},"stream":{},"seq":{},"gram":{},"frag":{},"length":{}}},)", header.flags,
                 header.stream, header.seq, header.gram, header.frag, header.length);
}

/// Prints one line with the keys name, header, descriptors and error, as tests/vectors/wire.jsonl has them; of a
/// session's frame also session, as session.jsonl has it. The header of a session's frame is shown where the frame was
/// trimmed as well, for it says which frame that was.
void print_json(const std::string& name, const Denoted& frame, std::span<const uint8_t> payload) {
  fmt::memory_buffer line;
  const auto out = std::back_inserter(line);
  fmt::format_to(out, R"({{"name":{},)", json_string(name));
  const bool carried = is_carried(payload);
  const bool good = frame.error == Drop::kNone;
  if ((good && !frame.frame.bare) || (carried && frame.error != Drop::kBadVersion)) {
    append_header(line, load_header(payload.data()));
  } else {
    fmt::format_to(out, R"("header":null,)");
  }
  if (good) {
    fmt::format_to(out, R"("descriptors":[)");
    const char* comma = "";
    for (const Descriptor& range : frame.descriptors) {
      fmt::format_to(out, "{}[{},{},{}]", comma, uint64_t{range.space}, range.offset, uint64_t{range.length});
      comma = ",";
    }
    fmt::format_to(out, R"(],"error":null)");
  } else {
    fmt::format_to(out, R"("descriptors":null,"error":"{}")", pfs::name(frame.error));
  }
  if (carried) fmt::format_to(out, R"(,"session":{})", session_json(payload).dump());
  fmt::format_to(out, "}}\n");
  (void)std::fwrite(line.data(), 1, line.size(), stdout);
}

/// Prints one payload in the form that was asked for.
class Printer {
 public:
  Printer(const Session& session, bool text) : denoter_(session), text_(session), as_text_(text) {}

  void print(const std::string& name, const std::string& note, std::span<const uint8_t> payload) {
    if (as_text_) return text_.print(name, note, payload);
    print_json(name, denoter_.decode(payload), payload);
  }

  /// The next payload does not follow the last one: it begins streams of its own.
  void forget() { text_.forget(); }

 private:
  Denoter denoter_;
  TextPrinter text_;
  bool as_text_;
};

Result<void> decode_vectors(const DecodeOptions& options, Input input) {
  if (!options.layout.empty() || !options.key.empty()) {
    return fail(options.file, "vectors bring their own layout and key", "leave out --layout and --key");
  }
  JsonLines lines(std::move(input));
  auto session = read_session(lines);
  if (!session) return tl::unexpected(session.error());
  session->bare_crc = options.bare_crc;
  Printer printer(*session, options.text);
  nlohmann::json row;
  while (true) {
    const auto found = lines.next(row);
    if (!found) return tl::unexpected(found.error());
    if (!*found) return {};
    const auto name = string_field(row, "name", lines.where());
    if (!name) return tl::unexpected(name.error());
    const auto hex = string_field(row, "payload", lines.where());
    if (!hex) return tl::unexpected(hex.error());
    const auto payload = parse_hex(*hex, lines.where());
    if (!payload) return tl::unexpected(payload.error());
    if (payload->size() > kPayloadMax) return fail(lines.where(), "the payload is past 16 MiB", "give one frame a row");
    printer.forget();
    printer.print(*name, fmt::format("{} bytes", payload->size()), *payload);
  }
}

Result<Session> session_of(const DecodeOptions& options) {
  Session session;
  session.bare_crc = options.bare_crc;
  if (options.layout.empty()) {
    return fail(options.file, "a capture does not say the blob's layout", "add --layout size=N[,block=N...]");
  }
  const auto layout = parse_layout(options.layout);
  if (!layout) return tl::unexpected(layout.error());
  session.layout = *layout;
  if (!options.key.empty()) {
    const auto key = parse_key(options.key);
    if (!key) return tl::unexpected(key.error());
    session.key = *key;
  }
  return session;
}

Result<void> decode_capture(const DecodeOptions& options, Input input) {
  const auto session = session_of(options);
  if (!session) return tl::unexpected(session.error());
  auto capture = Capture::open(std::move(input));
  if (!capture) return tl::unexpected(capture.error());
  Printer printer(*session, options.text);
  CapturedFrame frame;
  uint64_t ours = 0;
  uint64_t cut = 0;
  while (true) {
    const auto found = capture->next(frame);
    if (!found) return tl::unexpected(found.error());
    if (!*found) break;
    const auto located = locate_payload(frame.bytes);
    if (!located) continue;
    cut += frame.cut ? 1 : 0;
    printer.print(fmt::format("#{}", ++ours),
                  fmt::format("frame {} of the capture, payload of {} bytes at {}{}", capture->number(), located->bytes,
                              located->offset, frame.cut ? ", cut by the capture" : ""),
                  frame.bytes.subspan(located->offset, located->bytes));
  }
  fmt::print(stderr, "pfs-wire: {} PacketFS frames, {} of other traffic\n", ours, capture->number() - ours);
  if (cut == 0) return {};
  return fail(options.file, fmt::format("{} of {} PacketFS frames were cut by the capture", cut, ours),
              "capture again with a larger snap length (tcpdump -s 0)", Exit::kFailed);
}

Result<void> decode_input(const DecodeOptions& options) {
  auto input = Input::open(options.file);
  if (!input) return tl::unexpected(input.error());
  const auto kind = tell_kind(*input);
  if (!kind) return tl::unexpected(kind.error());
  switch (*kind) {
    case FileKind::kJson:
      return decode_vectors(options, std::move(*input));
    case FileKind::kPcap:
    case FileKind::kPcapng:
      return decode_capture(options, std::move(*input));
    default:
      return tl::unexpected(wrong_kind(*input, "a capture (pcap or pcapng) or vectors (JSON lines)"));
  }
}

Result<void> decode(const DecodeOptions& options) {
  auto done = decode_input(options);
  const auto written = finish_output();
  return done ? written : done;
}

}  // namespace

void add_decode(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand("decode", "Frames of a vectors file or of a capture, as JSON lines or as text.");
  auto options = std::make_shared<DecodeOptions>();
  command
      ->add_option("FILE", options->file,
                   "Vectors (JSON lines, the first one the layout) or a capture (pcap, pcapng); - is stdin")
      ->required();
  command->add_option("--layout", options->layout,
                      "For captures: the blob's layout, size=N[,l1=N][,l2=N][,l3=N][,word=N][,block=N]; N as in 4MiB");
  command->add_option("--key", options->key,
                      "For captures: key of the reference permutation, as in 0xC0FFEE (default 0)");
  command->add_flag("--bare-crc,!--no-bare-crc", options->bare_crc,
                    "Whether SYNC_MARK units of bare frames carry a CRC (default: they do)");
  command->add_flag("--text", options->text, "Every unit of every frame, for people");
  command->callback([&chosen, options] { chosen = [options] { return decode(*options); }; });
}

}  // namespace pfs
