#include "capture/capture.hpp"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <array>
#include <cstdio>

namespace pfs {
namespace {

constexpr uint64_t kPcapRecordBytes = 16;  // bytes before a frame's own: seconds, fraction, captured and real length
constexpr const char* kCaptures = "a pcap or pcapng file of Ethernet";

// libpcap wants a stdio stream; these functions make one of an Input.
ssize_t read_input(void* input, char* to, size_t bytes) {
  const auto got = static_cast<Input*>(input)->read({reinterpret_cast<uint8_t*>(to), bytes});
  return got ? static_cast<ssize_t>(*got) : -1;
}

/// Tells the place in the file, so that ftello() does; there is no way back in a pipe.
int tell_input(void* input, off64_t* place, int whence) {
  if (whence != SEEK_CUR || *place != 0) return -1;
  *place = static_cast<off64_t>(static_cast<const Input*>(input)->taken());
  return 0;
}

std::FILE* stream_of(Input& input) { return ::fopencookie(&input, "rb", {.read = read_input, .seek = tell_input}); }

Result<void> check_link(const Input& input, int link) {
  if (link == DLT_EN10MB) return {};
  const char* name = pcap_datalink_val_to_name(link);
  return fail(input.name(), fmt::format("a capture of {}, not of Ethernet", name != nullptr ? name : "unknown links"),
              "capture on one Ethernet interface, not on 'any'");
}

}  // namespace

void Capture::Close::operator()(pcap* handle) const noexcept { pcap_close(handle); }

Capture::Capture(Input input) : input_(std::make_unique<Input>(std::move(input))) {}
Capture::Capture(Capture&&) noexcept = default;
Capture::~Capture() = default;

Result<Capture> Capture::open(Input input) {
  Capture capture(std::move(input));
  Input& from = *capture.input_;
  const auto kind = tell_kind(from);
  if (!kind) return tl::unexpected(kind.error());
  if (*kind != FileKind::kPcap && *kind != FileKind::kPcapng) return tl::unexpected(wrong_kind(from, kCaptures));
  capture.kind_ = *kind;
  std::FILE* stream = stream_of(from);
  if (stream == nullptr) return fail(from.name(), "out of memory", {}, Exit::kFailed);
  std::array<char, PCAP_ERRBUF_SIZE> message{};
  capture.handle_.reset(pcap_fopen_offline(stream, message.data()));
  if (!capture.handle_) {
    (void)std::fclose(stream);
    return fail(from.name(), fmt::format("the capture's head cannot be read: {}", message.data()),
                "the file is damaged or cut short; capture it again");
  }
  if (auto ethernet = check_link(from, pcap_datalink(capture.handle_.get())); !ethernet)
    return tl::unexpected(ethernet.error());
  capture.place_ = capture.place();
  return capture;
}

tl::unexpected<Error> Capture::damaged(std::string what) const {
  return fail(fmt::format("{}:{}", input_->name(), number_ + 1), std::move(what),
              "the file is damaged or cut short; capture it again");
}

uint64_t Capture::place() const noexcept { return static_cast<uint64_t>(::ftello(pcap_file(handle_.get()))); }

Result<bool> Capture::next(CapturedFrame& frame) {
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  const int got = pcap_next_ex(handle_.get(), &header, &data);
  if (got == PCAP_ERROR_BREAK) return false;
  if (got != 1) return damaged(fmt::format("frame cannot be read: {}", pcap_geterr(handle_.get())));
  // libpcap shortens a record of more bytes than the file's snap length without a word.
  place_ += kPcapRecordBytes + header->caplen;
  if (kind_ == FileKind::kPcap && place_ != place()) {
    return damaged(fmt::format("a record of {} bytes in a capture of at most {} bytes a frame",
                               place() - place_ + header->caplen, pcap_snapshot(handle_.get())));
  }
  ++number_;
  frame = {.bytes = {data, header->caplen}, .cut = header->caplen < header->len};
  return true;
}

Result<CaptureCount> check_capture(const std::string& path) {
  auto input = Input::open(path);
  if (!input) return tl::unexpected(input.error());
  auto capture = Capture::open(std::move(*input));
  if (!capture) return tl::unexpected(capture.error());
  CaptureCount count;
  CapturedFrame frame;
  while (true) {
    const auto found = capture->next(frame);
    if (!found) return tl::unexpected(found.error());
    if (!*found) return count;
    ++count.frames;
    count.cut += frame.cut ? 1 : 0;
  }
}

}  // namespace pfs
