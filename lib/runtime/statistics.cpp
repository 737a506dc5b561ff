#include "runtime/statistics.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "base/escape.hpp"
#include "base/printer.hpp"
#include "base/units.hpp"

namespace pfs {
namespace {

constexpr double kBitsPerByte = 8;

uint64_t rate(uint64_t now, uint64_t before, double elapsed) {
  return elapsed <= 0 ? 0 : static_cast<uint64_t>(static_cast<double>(now - before) / elapsed);
}

double per(uint64_t amount, uint64_t units) {
  return units == 0 ? 0 : static_cast<double>(amount) / static_cast<double>(units);
}

template <class... Values>
void put(std::string& text, fmt::format_string<Values...> format, Values&&... values) {
  fmt::format_to(std::back_inserter(text), format, std::forward<Values>(values)...);
}

}  // namespace

void Statistics::add_port(std::string& text, size_t index, double elapsed) {
  const Port& port = engine_.ports()[index];
  const PortStats s = engine_.port_stats(index);
  const PortStats& p = last_[index];
  put(text, "\n  ######################## NIC statistics for port {:<2} ({}, {}) ########################\n", port.id,
      port.name, port.device);
  put(text, "  RX-packets: {:<10} RX-missed: {:<10} RX-bytes:  {}\n  RX-errors: {}\n  RX-nombuf:  {}\n", s.rx_packets,
      s.rx_missed, s.rx_bytes, s.rx_errors, s.rx_nombuf);
  put(text, "  TX-packets: {:<10} TX-errors: {:<10} TX-bytes:  {}\n", s.tx_packets, s.tx_errors, s.tx_bytes);
  put(text,
      "\n  Throughput (since last show)\n  Rx-pps: {:>12}          Rx-bps: {:>12}\n  Tx-pps: {:>12}          Tx-bps: "
      "{:>12}\n",
      rate(s.rx_packets, p.rx_packets, elapsed),
      static_cast<uint64_t>(kBitsPerByte * static_cast<double>(rate(s.rx_bytes, p.rx_bytes, elapsed))),
      rate(s.tx_packets, p.tx_packets, elapsed),
      static_cast<uint64_t>(kBitsPerByte * static_cast<double>(rate(s.tx_bytes, p.tx_bytes, elapsed))));
  if (xstats_)
    for (const auto& [name, value] : read_xstats(port))
      if (value != 0) put(text, "  {}: {}\n", name, value);
  put(text, "  ############################################################################\n");
  last_[index] = s;
}

void Statistics::add_stages(std::string& text) const {
  put(text, "\n  {:<14} {:<12} {:>5} {:>12} {:>14} {:>10} {:>12} {:>12} {:>10}\n", "Stage", "kind", "lcore", "calls",
      "items", "items/call", "cycles/call", "cycles/item", "dropped");
  for (size_t i = 0; i < engine_.graph().stages.size(); ++i) {
    const StageNode& node = engine_.graph().stages[i];
    const StageStats& s = engine_.stage(i).stats;
    uint64_t dropped = 0;
    for (const Counter& counter : s.dropped) dropped += counter.get();
    put(text, "  {:<14} {:<12} {:>5} {:>12} {:>14} {:>10.1f} {:>12.1f} {:>12.1f} {:>10}\n", node.config->name,
        node.kind->name, node.lcore, s.calls.get(), s.items.get(), per(s.items.get(), s.calls.get()),
        per(s.cycles.get(), s.calls.get()), per(s.cycles.get(), s.items.get()), dropped);
  }
  for (const Worker& worker : engine_.workers()) {
    const uint64_t busy = worker.busy_cycles.get();
    const uint64_t idle = worker.idle_cycles.get();
    put(text, "  lcore {:<3} busy {:.1f} %\n", worker.lcore(),
        busy + idle == 0 ? 0.0 : 100.0 * static_cast<double>(busy) / static_cast<double>(busy + idle));
  }
}

void Statistics::look() noexcept {
  for (size_t i = 0; i < engine_.ports().size(); ++i)
    if (engine_.ports()[i].driver.counts_per_link) engine_.port_stats(i);
}

void Statistics::print(double seconds) {
  std::string text;
  for (size_t i = 0; i < engine_.ports().size(); ++i) add_port(text, i, seconds - last_seconds_);
  add_stages(text);
  text += engine_.ledger().text();
  pfs::print(Stream::kOut, std::move(text));
  last_seconds_ = seconds;
}

void Statistics::print_final(double seconds) {
  std::string text;
  put(text, "\n  +++++++++++++++ Accumulated statistics for all ports, {:.2f} s +++++++++++++++\n", seconds);
  PortStats sum;
  for (size_t i = 0; i < engine_.ports().size(); ++i) {
    const PortStats& s = engine_.port_stats(i);
    sum.rx_packets += s.rx_packets;
    sum.rx_missed += s.rx_missed;
    sum.tx_packets += s.tx_packets;
    sum.tx_errors += s.tx_errors;
  }
  put(text,
      "  RX-packets: {:<14} RX-dropped: {:<14} RX-total: {}\n  TX-packets: {:<14} TX-dropped: {:<14} TX-total: {}\n",
      sum.rx_packets, sum.rx_missed, sum.rx_packets + sum.rx_missed, sum.tx_packets, sum.tx_errors,
      sum.tx_packets + sum.tx_errors);
  put(text, "  ++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++\n");
  add_stages(text);
  for (size_t i = 0; i < engine_.graph().stages.size(); ++i)
    for (const Figure& figure : engine_.figures(i))
      if (const uint64_t value = figure.read(); value != 0 || figure.kind == Figure::Kind::kGauge)
        put(text, "    {:<14} {:<28} {} {}\n", engine_.graph().stages[i].config->name, figure.name, value,
            name(figure.unit));
  text += engine_.ledger().text();
  const TransferResult result = engine_.control().result();
  if (result.present)
    put(text, "  Transfer: {} in {:.3f} s, {:.3f} GB/s, by reference {:.2f} %, wire {} ({:.1f}x), {}: {}\n",
        format_bytes(result.bytes), result.seconds,
        result.seconds > 0 ? static_cast<double>(result.bytes) / result.seconds / 1e9 : 0.0,
        100 * per(result.referenced_bytes, result.bytes), format_bytes(result.wire_bytes),
        per(result.bytes, result.wire_bytes), result.verified ? "verified" : "NOT VERIFIED", escape(result.file));
  if (result.files_ended > 1) put(text, "  Files: {} of {} verified\n", result.files_verified, result.files_ended);
  if (result.source_change)
    put(text, "  Source: {}\n",
        result.source_change->empty() ? "the same at the end as at the beginning"
                                      : "CHANGED while it was sent: " + *result.source_change);
  pfs::print(Stream::kOut, std::move(text));
}

}  // namespace pfs
