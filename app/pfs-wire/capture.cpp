#include "capture.hpp"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <array>

namespace pfs {

void Capture::Close::operator()(pcap* handle) const noexcept { pcap_close(handle); }

Result<Capture> Capture::open(File file, const std::string& name) {
  std::array<char, PCAP_ERRBUF_SIZE> message{};
  Capture capture;
  capture.name_ = name;
  capture.handle_.reset(pcap_fopen_offline(file.get(), message.data()));
  if (!capture.handle_) {
    return fail(name, fmt::format("not a capture: {}", message.data()),
                "give a pcap or pcapng file, or vectors in JSON");
  }
  (void)file.release();  // closed with the handle
  const int link = pcap_datalink(capture.handle_.get());
  if (link != DLT_EN10MB) {
    const char* link_name = pcap_datalink_val_to_name(link);
    return fail(name,
                fmt::format("a capture of {}, not of Ethernet", link_name != nullptr ? link_name : "unknown links"),
                "capture on one Ethernet interface, not on 'any'");
  }
  return capture;
}

Result<bool> Capture::next(CapturedFrame& frame) {
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  const int got = pcap_next_ex(handle_.get(), &header, &data);
  if (got == PCAP_ERROR_BREAK) return false;
  if (got != 1) {
    return fail(fmt::format("{}:{}", name_, number_ + 1),
                fmt::format("frame cannot be read: {}", pcap_geterr(handle_.get())),
                "the file is damaged or cut short; capture it again");
  }
  ++number_;
  frame = {.bytes = {data, header->caplen}, .cut = header->caplen < header->len};
  return true;
}

}  // namespace pfs
