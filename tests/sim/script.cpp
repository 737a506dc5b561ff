// Villages as scripts: a line for each transfer, way and restart, `key=value` for what differs from nothing.
#include <fmt/format.h>

#include <map>
#include <sstream>

#include "village.hpp"

namespace pfs::sim {
namespace {

/// The members of a line, by name; the same list writes and reads.
struct Fields {
  std::map<std::string, std::string> read;
  std::string written;
  bool writing = false;
  std::string unknown;

  template <class T>
  void field(const char* name, T& value, T usual = {}) {
    if (writing) {
      if (value != usual) written += fmt::format(" {}={}", name, value);
      return;
    }
    value = usual;
    const auto found = read.find(name);
    if (found == read.end()) return;
    std::istringstream text(found->second);
    text >> value;
    if (text.fail() || !text.eof()) unknown = found->second;
    read.erase(found);
  }
};

void fields(Fields& f, Village& v) {
  f.field("seed", v.seed);
  f.field("nodes", v.nodes);
  f.field("ports", v.ports);
  f.field("payload", v.payload);
  f.field("sessions", v.sessions);
  f.field("half_open", v.half_open);
  f.field("stream_frames", v.stream_frames);
  f.field("frames", v.frames);
  f.field("held", v.held);
  f.field("bytes", v.bytes);
  f.field("denoted", v.denoted);
  f.field("consume", v.consume);
  f.field("hold", v.hold);
  f.field("faults_end", v.faults_end);
  f.field("hostile", v.hostile.kinds);
  f.field("hostile_every", v.hostile.every);
}

void fields(Fields& f, Transfer& t) {
  f.field("from", t.from);
  f.field("to", t.to);
  f.field("streams", t.streams);
  f.field("frames", t.frames);
  f.field("bytes", t.bytes);
  f.field("replies", t.replies);
  f.field("later", t.later);
  f.field("drops", t.drops);
  f.field("start", t.start);
}

void fields(Fields& f, Way& w) {
  f.field("from", w.from);
  f.field("to", w.to);
  f.field("port", w.port);
  f.field("loss", w.dice.loss);
  f.field("burst_enter", w.dice.burst_enter);
  f.field("burst_leave", w.dice.burst_leave, 1.0);
  f.field("duplicate", w.dice.duplicate);
  f.field("reorder", w.dice.reorder);
  f.field("depth", w.dice.depth, 8u);
  f.field("corrupt", w.dice.corrupt);
  f.field("trim", w.dice.trim);
  f.field("black_every", w.line.black_every);
  f.field("black_for", w.line.black_for);
  f.field("delay", w.line.delay);
  f.field("jitter", w.line.jitter);
  f.field("ticks_per_byte", w.line.ticks_per_byte);
  f.field("queue_bytes", w.line.queue_bytes);
}

void fields(Fields& f, Restart& r) {
  f.field("node", r.node);
  f.field("at", r.at);
  f.field("down", r.down);
}

template <class Item>
std::string line(const char* kind, Item item) {
  Fields f{.read = {}, .written = {}, .writing = true, .unknown = {}};
  fields(f, item);
  return kind + f.written + '\n';
}

}  // namespace

std::string write(const Village& village) {
  std::string text = line("village", village);
  for (const Transfer& transfer : village.transfers) text += line("transfer", transfer);
  for (const Way& way : village.ways) text += line("way", way);
  for (const Restart& restart : village.restarts) text += line("restart", restart);
  return text;
}

Result<Village> parse(const std::string& text) {
  Village village;
  std::istringstream lines(text);
  std::string words;
  for (int number = 1; std::getline(lines, words); ++number) {
    std::istringstream items(words);
    std::string kind, item;
    Fields f;
    items >> kind;
    if (kind.empty() || kind[0] == '#') continue;
    while (items >> item) {
      const size_t equals = item.find('=');
      if (equals == std::string::npos) return fail(fmt::format("line {}", number), "no '=' in '" + item + "'");
      f.read[item.substr(0, equals)] = item.substr(equals + 1);
    }
    if (kind == "village")
      fields(f, village);
    else if (kind == "transfer")
      fields(f, village.transfers.emplace_back());
    else if (kind == "way")
      fields(f, village.ways.emplace_back());
    else if (kind == "restart")
      fields(f, village.restarts.emplace_back());
    else
      return fail(fmt::format("line {}", number), "unknown word '" + kind + "'");
    if (!f.unknown.empty()) return fail(fmt::format("line {}", number), "not a number: '" + f.unknown + "'");
    if (!f.read.empty()) return fail(fmt::format("line {}", number), "unknown key '" + f.read.begin()->first + "'");
  }
  return village;
}

}  // namespace pfs::sim
