#include "dpdk/offloads.hpp"

#include <fmt/format.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "dpdk/port.hpp"

namespace pfs {

uint64_t grant_offloads(const std::vector<std::string>& asked, uint64_t capable, bool receive,
                        std::vector<std::string>& notes) {
  uint64_t granted = 0;
  for (const std::string& name : asked) {
    uint64_t bit = 0;
    for (uint64_t candidate = 1; candidate != 0 && bit == 0; candidate <<= 1)
      if (name == (receive ? rte_eth_dev_rx_offload_name(candidate) : rte_eth_dev_tx_offload_name(candidate)))
        bit = candidate;
    granted |= bit & capable;
    if ((bit & capable) == 0)
      notes.push_back(
          fmt::format("{} offload {}: asked, {}", receive ? "RX" : "TX", name, bit == 0 ? "unknown" : "not there"));
  }
  return granted;
}

void finish_frame(rte_mbuf& frame, uint32_t header_bytes, const Port& port) noexcept {
  const std::span<uint8_t> bytes{rte_pktmbuf_mtod(&frame, uint8_t*), frame.data_len};
  if ((port.tx_offloads & RTE_ETH_TX_OFFLOAD_UDP_CKSUM) == 0) return finish_encapsulation(bytes, header_bytes);
  const auto places = prepare_encapsulation(bytes, header_bytes);
  if (!places) return;
  frame.l2_len = places->link_bytes & 127;
  frame.l3_len = places->ip_bytes & 511;
  frame.ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM | (places->v6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4);
  if (places->v6) return;
  if ((port.tx_offloads & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0)
    frame.ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
  else
    finish_ipv4_header(bytes.data() + places->link_bytes, places->ip_bytes);
}

}  // namespace pfs
