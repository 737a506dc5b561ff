#include "capture/kind.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace pfs {
namespace {

using namespace std::string_view_literals;

/// Files of a kind begin with these bytes.
struct Magic {
  std::string_view bytes;
  FileKind kind;
  const char* name;
  const char* unpack = "";  ///< for kCompressed: the command that unpacks the file
};

// pcap: microseconds and nanoseconds, in both byte orders (draft-ietf-opsawg-pcap, section 4). pcapng: the type of its
// Section Header Block, the same in both byte orders (draft-ietf-opsawg-pcapng, section 4.1).
constexpr std::array<Magic, 10> kMagics = {{
    {"\xA1\xB2\xC3\xD4"sv, FileKind::kPcap, "a pcap file"},
    {"\xD4\xC3\xB2\xA1"sv, FileKind::kPcap, "a pcap file"},
    {"\xA1\xB2\x3C\x4D"sv, FileKind::kPcap, "a pcap file"},
    {"\x4D\x3C\xB2\xA1"sv, FileKind::kPcap, "a pcap file"},
    {"\x0A\x0D\x0D\x0A"sv, FileKind::kPcapng, "a pcapng file"},
    {"\x1F\x8B"sv, FileKind::kCompressed, "compressed by gzip", "gunzip"},
    {"\x28\xB5\x2F\xFD"sv, FileKind::kCompressed, "compressed by zstd", "unzstd"},
    {"\x04\x22\x4D\x18"sv, FileKind::kCompressed, "compressed by lz4", "unlz4"},
    {"\xFD\x37\x7A\x58"sv, FileKind::kCompressed, "compressed by xz", "unxz"},
    {"BZh"sv, FileKind::kCompressed, "compressed by bzip2", "bunzip2"},
}};
constexpr size_t kMagicBytes = 4;  // of the longest above

const Magic* find_magic(std::string_view head) noexcept {
  const auto* found =
      std::find_if(kMagics.begin(), kMagics.end(), [&](const Magic& magic) { return head.starts_with(magic.bytes); });
  return found == kMagics.end() ? nullptr : found;
}

/// JSON lines begin with an object, or with blank space before one. No magic number above is all of blank space.
bool begins_json(std::string_view head) noexcept {
  const size_t first = head.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? !head.empty() : head[first] == '{';
}

Result<std::string_view> head_of(Input& input) {
  const auto head = input.peek(kMagicBytes);
  if (!head) return tl::unexpected(head.error());
  return std::string_view(reinterpret_cast<const char*>(head->data()), head->size());
}

}  // namespace

Result<FileKind> tell_kind(Input& input) {
  const auto head = head_of(input);
  if (!head) return tl::unexpected(head.error());
  if (head->empty()) return FileKind::kEmpty;
  if (const Magic* magic = find_magic(*head)) return magic->kind;
  return begins_json(*head) ? FileKind::kJson : FileKind::kUnknown;
}

Error wrong_kind(Input& input, const char* wanted) {
  const auto head = head_of(input);
  if (!head) return head.error();
  const std::string remedy = fmt::format("give {}", wanted);
  if (head->empty()) return {input.name(), "the file is empty", remedy};
  const Magic* magic = find_magic(*head);
  if (magic != nullptr && magic->kind == FileKind::kCompressed)
    return {input.name(), fmt::format("the file is {}", magic->name),
            fmt::format("unpack it first: {} -k FILE", magic->unpack)};
  if (magic != nullptr) return {input.name(), fmt::format("the file is {}, not {}", magic->name, wanted), remedy};
  if (begins_json(*head)) return {input.name(), fmt::format("the file is JSON, not {}", wanted), remedy};
  return {input.name(),
          fmt::format("the file is not {}: it begins with the bytes {:02x}", wanted,
                      fmt::join(*input.peek(kMagicBytes), " ")),
          remedy};
}

}  // namespace pfs
