// CRC16-CCITT-FALSE beside the CRCs of libraries, none of which has it: what another polynomial would cost.
#include <isa-l/crc.h>
#include <rte_net_crc.h>
#include <zlib.h>

#include "loops.hpp"
#include "measure.hpp"
#include "simd/crc16/crc16.hpp"

// rte_vect.h declares it for C only.
extern "C" int rte_vect_set_max_simd_bitwidth(uint16_t bits);

namespace pfs::bench {
namespace {

uint8_t* writable(const uint8_t* data) { return const_cast<uint8_t*>(data); }  // ISA-L's signatures lack a const

constexpr Size kSizes[] = {{"64B", 64, 16 << 10}, {"1KiB", 1 << 10, 16 << 10}, {"64KiB", 64 << 10, 512 << 10}, kDram};

}  // namespace

void register_crc16() {
  rte_vect_set_max_simd_bitwidth(512);      // without EAL nothing is allowed at first
  rte_net_crc_set_alg(RTE_NET_CRC_AVX512);  // it takes the best that is there and allowed
  for (const Size& size : kSizes) {
    each_variant(crc16_ccitt.variants(), [&](const char* who, const char* label, Crc16Function* run) {
      bytes(std::string("crc16/") + who, size, label,
            [run](const uint8_t* data, uint64_t bytes) { return run(kCrc16Start, data, bytes); });
    });
    bytes("crc16/isal-crc32c", size, "isa-l", [](const uint8_t* data, uint64_t bytes) {
      return crc32_iscsi(writable(data), static_cast<int>(bytes), ~0U);
    });
    bytes("crc16/isal-t10dif", size, "isa-l",
          [](const uint8_t* data, uint64_t bytes) { return crc16_t10dif(0, data, bytes); });
    bytes("crc16/rte-net-crc16", size, "dpdk", [](const uint8_t* data, uint64_t bytes) {
      return rte_net_crc_calc(data, static_cast<uint32_t>(bytes), RTE_NET_CRC16_CCITT);
    });
    bytes("crc16/zlib-crc32", size, "zlib",
          [](const uint8_t* data, uint64_t bytes) { return crc32(0, data, static_cast<uInt>(bytes)); });
    read_ceiling("crc16", size);
  }
}

}  // namespace pfs::bench
