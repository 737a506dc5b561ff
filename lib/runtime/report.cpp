#include "runtime/report.hpp"

#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "base/write_file.hpp"
#include "simd/cpu.hpp"

namespace pfs {
namespace {

using Json = nlohmann::ordered_json;

template <class Dropped>
Json reasons(const Dropped& dropped) {
  Json json = Json::object();
  for (size_t reason = 1; reason < kDropCount; ++reason) {
    uint64_t frames = 0;
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(dropped[reason])>, Counter>)
      frames = dropped[reason].get();
    else
      frames = dropped[reason];
    if (frames != 0) json[name(static_cast<Drop>(reason))] = frames;
  }
  return json;
}

Json stage_json(const StageNode& node, const Stage& stage, const StageFigures& declared) {
  const StageStats& s = stage.stats;
  uint64_t dropped = 0;
  for (const Counter& counter : s.dropped) dropped += counter.get();
  Json figures = Json::object();
  Json units = Json::object();
  for (const Figure& figure : declared) {
    figures[figure.name] = figure.read();
    units[figure.name] = name(figure.unit);
  }
  return {{"name", node.config->name}, {"kind", node.kind->name},
          {"lcore", node.lcore},       {"calls", s.calls.get()},
          {"items", s.items.get()},    {"cycles", s.cycles.get()},
          {"dropped", dropped},        {"drops", reasons(s.dropped)},
          {"figures", figures},        {"units", units}};
}

Json port_json(const Port& port, const PortStats& s) {
  return {{"name", port.name},
          {"id", port.id},
          {"device", port.device},
          {"driver", port.pmd},
          {"mtu", port.mtu},
          {"rx_packets", s.rx_packets},
          {"rx_missed", s.rx_missed},
          {"rx_bytes", s.rx_bytes},
          {"rx_errors", s.rx_errors},
          {"rx_nombuf", s.rx_nombuf},
          {"tx_packets", s.tx_packets},
          {"tx_errors", s.tx_errors},
          {"tx_bytes", s.tx_bytes}};
}

Json ledger_json(const Ledger& ledger) {
  return {{"received", ledger.received},        {"built", ledger.built},
          {"processed", ledger.processed},      {"transmitted", ledger.transmitted},
          {"dropped", reasons(ledger.dropped)}, {"in_flight", ledger.in_flight},
          {"residual", ledger.residual()}};
}

/// Whether the file that was sent was still the same at the end; null where none was sent.
Json source_json(const TransferResult& result) {
  if (!result.source_change) return nullptr;
  return {{"same", result.source_change->empty()}, {"change", *result.source_change}};
}

Json files_json(const TransferResult& result) {
  Json json = Json::array();
  for (const FileEnd& file : result.files)
    json.push_back({{"file", escape(file.file)},
                    {"verified", file.verified},
                    {"bytes", file.bytes},
                    {"wire_bytes", file.wire_bytes},
                    {"referenced_bytes", file.referenced_bytes},
                    {"seconds", file.ended - file.begun},
                    {"sha256", file.sha256}});
  return json;
}

}  // namespace

TransferResult overall_result(const Engine& engine, double seconds) {
  TransferResult result = engine.control().result();
  if (result.present) return result;
  bool all_verified = true;
  for (size_t i = 0; i < engine.graph().stages.size(); ++i) {
    const auto delivered = engine.stage(i).delivered();
    if (!delivered) continue;
    result.bytes += delivered->bytes;
    all_verified &= delivered->verified;
  }
  // The ports' own counters may have gone with a peer; what rx saw stays.
  for (size_t i = 0; i < engine.graph().stages.size(); ++i)
    for (const Figure& figure : engine.figures(i))
      if (figure.role == Figure::Role::kWireBytes) result.wire_bytes += figure.read();
  result.seconds = seconds;
  result.verified =
      result.bytes != 0 && all_verified && engine.ledger().dropped[static_cast<size_t>(Drop::kDigestMismatch)] == 0;
  return result;
}

Result<void> write_report(Engine& engine, double seconds, const std::string& path) {
  const TransferResult result = overall_result(engine, seconds);
  Json json;
  json["result"] = {{"verified", result.verified},
                    {"bytes", result.bytes},
                    {"wire_bytes", result.wire_bytes},
                    {"seconds", result.seconds},
                    {"referenced_bytes", result.referenced_bytes},
                    {"file", escape(result.file)},
                    {"sha256", result.sha256},
                    {"files_ended", result.files_ended},
                    {"files_verified", result.files_verified},
                    {"files", files_json(result)},
                    {"source", source_json(result)},
                    {"exit", static_cast<int>(engine.control().exit())}};
  json["ledger"] = ledger_json(engine.ledger());
  json["stages"] = Json::array();
  for (size_t i = 0; i < engine.graph().stages.size(); ++i)
    json["stages"].push_back(stage_json(engine.graph().stages[i], engine.stage(i), engine.figures(i)));
  json["ports"] = Json::array();
  for (size_t i = 0; i < engine.ports().size(); ++i)
    json["ports"].push_back(port_json(engine.ports()[i], engine.port_stats(i)));
  json["lcores"] = Json::array();
  for (const Worker& worker : engine.workers())
    json["lcores"].push_back({{"lcore", worker.lcore()},
                              {"busy_cycles", worker.busy_cycles.get()},
                              {"idle_cycles", worker.idle_cycles.get()}});
  json["blob"] = {{"size", engine.blob().layout.size}, {"root", to_hex(engine.root())}};
  json["pipeline"] = escape(engine.graph().config->path);
  json["isa"] = name(active_isa());
  json["run_seconds"] = seconds;
  return write_file(path, json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
}

}  // namespace pfs
