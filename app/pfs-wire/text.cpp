#include "text.hpp"

#include <utility>

#include "base/escape.hpp"
#include "text_line.hpp"
#include "text_session.hpp"
#include "wire/receiving/walk.hpp"
#include "wire/session_units.hpp"

namespace pfs {
namespace {

constexpr uint32_t kBareStream = 1u << 16;  // the key of the bare frames' window; no stream has this number

std::string flag_names(uint8_t flags) {
  std::string text;
  for (const auto& [flag, word] : {std::pair{kFlagFirst, "FIRST"}, std::pair{kFlagLast, "LAST"},
                                   std::pair{kFlagCrc, "CRC"}, std::pair{kFlagPrp, "PRP"}}) {
    if ((flags & flag) == 0) continue;
    if (!text.empty()) text += '|';
    text += word;
  }
  return text.empty() ? "none" : text;
}

void print_header(const Frame& frame) {
  if (frame.bare) return print_line("  bare");
  const FrameHeader& header = frame.header;
  print_line("  @0     frame: stream {}, seq {}, gram {}, frag {}, {} bytes of units, flags {}", header.stream,
             header.seq, header.gram, header.frag, header.length, flag_names(header.flags));
}

}  // namespace

TextWindow& TextPrinter::window_of(const Frame& frame) {
  TextWindow& window = windows_[frame.bare ? kBareStream : frame.header.stream];
  if (!frame.bare) {
    const bool follows = frame.header.seq == (window.known ? window.next_seq : 0);
    if (!follows) window.lost = true;
    window.next_seq = frame.header.seq + 1;
  }
  window.known = true;
  return window;
}

void TextPrinter::print(const std::string& name, const std::string& note, std::span<const uint8_t> payload) {
  print_line("{}: {}", escape(name), note);
  Frame frame;
  Drop drop = read_frame(payload.data(), static_cast<uint32_t>(payload.size()), frame);
  const bool carried = is_carried(payload);
  Carried opened;
  const Drop judged = carried ? open_carried(payload, opened) : Drop::kNone;
  const bool trimmed = carried && judged == Drop::kTruncated;
  if (trimmed) {  // what is here is shown, as far as it goes
    frame = opened.frame;
    frame.units = payload.data() + kFrameHeaderBytes;
  } else if (drop != Drop::kNone) {
    if (carried) print_line("         of a session: {}", session_verdict(judged, opened));
    return print_line("  FAULT {} in the frame header: {}\n", pfs::name(drop), dump(payload));
  }
  print_header(frame);
  if (carried) print_line("         of a session: {}", session_verdict(judged, opened));
  // Control frames have no sequence numbers, and a frame that a session drops says nothing of a window.
  TextWindow none;
  const bool counts = !carried || (judged == Drop::kNone && opened.carry.sequenced);
  TextWindow& window = counts ? window_of(frame) : none;
  const Window before = window.window;
  denoter_.begin(frame);
  const uint8_t flags = frame.bare ? 0 : frame.header.flags;
  const bool crc = frame.bare ? denoter_.session().bare_crc : (flags & kFlagCrc) != 0;
  TextUnits units(denoter_, window, static_cast<size_t>(frame.units - payload.data()), (flags & kFlagPrp) != 0);
  drop = walk_units(frame.units, frame.end, frame.bare, crc, units);
  if (trimmed) drop = Drop::kTruncated;
  const size_t at = units.stopped_at();
  if (drop != Drop::kNone) {
    window.window = before;  // a faulty frame leaves the window as it was, but its references are missing
    window.lost = true;
    return print_line("  @{:<5} FAULT {}, the frame is dropped whole: {}\n", at, pfs::name(drop),
                      dump(payload.subspan(at)));
  }
  const auto end = static_cast<size_t>(frame.end - payload.data());
  if (at < end) print_line("  @{:<5} END, {} bytes of padding", at, end - at - 1);
  if (end < payload.size()) print_line("  @{:<5} {} bytes of padding", end, payload.size() - end);
  print_line("  {} descriptors\n", denoter_.descriptors().size());
}

}  // namespace pfs
